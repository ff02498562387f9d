SELECT json_build_object('id', tenant_id || '/' || ticket_id, 'version', version, 'status', status, 'realm', realm, 'requester', requester,
                         'authenticated', authenticated, 'subject', subject, 'fields', fields, 'runs_opened', runs_opened)::text
FROM executor.ticket WHERE tenant_id = $1::text AND ticket_id = $2::text
