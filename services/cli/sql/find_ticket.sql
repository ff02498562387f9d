SELECT json_build_object('id', tenant_id || '/' || ticket_id, 'version', version, 'status', status, 'realm', realm, 'requester', requester,
                         'authenticated', authenticated, 'subject', subject, 'fields', fields, 'runs_opened', runs_opened,
                         'last_outcome', (SELECT json_build_object('run', r.run, 'stop_reason', r.stop_reason,
                                                                   'at', to_char(r.stopped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                                          FROM executor.run r
                                          WHERE r.tenant_id = t.tenant_id AND r.ticket_id = t.ticket_id AND r.state = 'stopped'
                                          ORDER BY r.run DESC LIMIT 1))::text
FROM executor.ticket t WHERE tenant_id = $1::text AND ticket_id = $2::text
