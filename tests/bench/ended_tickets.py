"""Fills a fleet's database with tickets that have ended, by copying one that really did, row by row, under other names.

What a copy is named after its ticket, and its ids are drawn anew; ids that carry their time keep it, so that rows land in the partition of their day.
"""

import psycopg2

SCHEMAS = ("planner", "executor", "approval", "outbox")
AT_ONCE = 20_000
TABLES_SQL = """
    SELECT c.table_schema, c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position), array_agg(c.data_type::text ORDER BY c.ordinal_position)
    FROM information_schema.columns c JOIN pg_class k ON k.relname = c.table_name AND k.relnamespace = c.table_schema::regnamespace
    WHERE c.table_schema = ANY(%s) AND k.relkind IN ('r', 'p') AND NOT k.relispartition AND c.is_identity = 'NO' GROUP BY 1, 2"""
# The first 12 digits of an id of version 7 are its time.
NEW_ID = """
    CREATE OR REPLACE FUNCTION pg_temp.new_id(old uuid, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (left(old::text, 15) || substr(md5(old::text || '/' || n), 16, 3) || '-' || 'a' || substr(md5(n || '/' || old::text), 1, 3) || '-'
                || substr(md5(n || '.' || old::text), 1, 12))::uuid $$"""
SHARED = {"batch_id", "incarnation", "claimed_by"}   # ids of what many tickets have in common
# Names a ticket in a digest, so that a copy needs one of its own.
DIGESTS = {("effect", "idempotency_key"), ("effect", "operation_key"), ("delivery", "message_id")}


def fill(dsn, sample, count, first):
    """Copies ticket `sample` (tenant, name) `count` times, with numbers from `first` on; returns by how many bytes the database grew."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(NEW_ID)
            cursor.execute("SET synchronous_commit = off")
            before = _size(cursor)
            cursor.execute(TABLES_SQL, (list(SCHEMAS),))
            copies = [statement for row in cursor.fetchall() if (statement := _copy_of(*row))]
            for begin in range(first, first + count, AT_ONCE):
                for statement in copies:
                    cursor.execute(statement, {"tenant": sample[0], "name": sample[1], "key": "/".join(sample), "begin": begin,
                                               "end": min(begin + AT_ONCE, first + count) - 1})
            cursor.execute("CHECKPOINT")
            cursor.execute("VACUUM ANALYZE")
            return _size(cursor) - before
    finally:
        connection.close()


def _size(cursor):
    cursor.execute("SELECT pg_database_size(current_database())")
    return cursor.fetchone()[0]


def _copy_of(schema, table, names, types):
    """The statement for one table, or none for a table that says nothing of single tickets."""
    if "ticket_id" in names:
        whose = "tenant_id = %(tenant)s AND ticket_id = %(name)s"
    elif (schema, table) == ("outbox", "attempt"):
        whose = "delivery_id IN (SELECT id FROM outbox.delivery WHERE tenant_id = %(tenant)s AND ticket_id = %(name)s)"
    elif table == "key_state":
        whose = "key = %(key)s"
    else:
        return None
    values = ", ".join(_value(table, name, kind) for name, kind in zip(names, types))
    return f"INSERT INTO {schema}.{table} ({', '.join(names)}) SELECT {values} FROM {schema}.{table}, generate_series(%(begin)s, %(end)s) AS n WHERE {whose}"


def _value(table, name, kind):
    if kind == "uuid" and name not in SHARED:
        return f"pg_temp.new_id({name}, n)"
    if (table, name) in DIGESTS:
        return f"CASE WHEN {name} IS NULL OR {name} = '' THEN {name} ELSE md5({name} || '/' || n) || md5(n || '/' || {name}) END"
    if kind in ("text", "json", "jsonb"):
        return f"replace({name}::text, %(name)s, %(name)s || '-' || n)::{kind}"
    return name
