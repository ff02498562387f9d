-- Run 0 stands for the last one.
SELECT json_build_object(
         'run', run, 'version', version, 'state', state, 'stop_reason', stop_reason, 'codes', codes, 'turns', turns, 'plans', plans,
         'agent', agent, 'actor', actor, 'playbook', playbook, 'close', close, 'resolution', resolution,
         'opened_at', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'stopped_at', to_char(stopped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text
FROM executor.run
WHERE tenant_id = $1::text AND ticket_id = $2::text AND ($3::integer = 0 OR run = $3::integer)
ORDER BY run DESC LIMIT 1
