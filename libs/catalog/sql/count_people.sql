-- Of all versions, retired people too: a tenant that once had two people has no bootstrap any more.
SELECT tenant_id, count(DISTINCT name) AS people
  FROM core.document
 WHERE kind = 'person'
 GROUP BY tenant_id
