-- Schema core and what every service's schema builds on: daily partitions.
--
-- A table to be kept by day is PARTITION BY RANGE over one column: a UUIDv7 (kind uuid7, whose first 48 bits are its millisecond) or a
-- timestamptz (kind time). Its migration calls core.partition_by_day once; after that core.keep_partitions does the rest.

CREATE SCHEMA IF NOT EXISTS core;

CREATE TABLE core.partitioned_table (
  schema_name text NOT NULL,
  table_name  text NOT NULL CHECK (length(table_name) <= 50),  -- a partition's name adds _pYYYYMMDD, and names end at 63
  key_column  text NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('uuid7', 'time')),
  keep_days   integer NOT NULL CHECK (keep_days BETWEEN 1 AND 36500),
  PRIMARY KEY (schema_name, table_name)
);

-- The least UUIDv7 of a moment: everything made at or after it is greater or equal.
CREATE FUNCTION core.uuid7_floor(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- A day's lower bound as the literal that its column wants.
CREATE FUNCTION core.day_bound(kind text, day date) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE kind WHEN 'uuid7' THEN core.uuid7_floor(day::timestamp AT TIME ZONE 'UTC')::text
                   ELSE to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00' END
$$;

-- Makes one day's partition. The new table is built apart and then attached, because ATTACH lets the parent's readers and writers go on,
-- where CREATE TABLE … PARTITION OF would lock them out.
CREATE FUNCTION core.create_day_partition(kept core.partitioned_table, day date, OUT change text, OUT partition text, OUT reason text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
  name      text := kept.table_name || '_p' || to_char(day, 'YYYYMMDD');
  low       text := core.day_bound(kept.kind, day);
  high      text := core.day_bound(kept.kind, day + 1);
  strays    boolean;
BEGIN
  partition := kept.schema_name || '.' || name;
  reason := '';
  IF to_regclass(format('%I.%I', kept.schema_name, name)) IS NOT NULL THEN
    change := 'present';
    RETURN;
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE %I >= %L AND %I < %L)', kept.schema_name, kept.table_name || '_default',
                 kept.key_column, low, kept.key_column, high) INTO strays;
  IF strays THEN
    RAISE NOTICE 'partition % is not created: the default partition holds rows of that day', partition;
    change := 'skipped';
    reason := 'the default partition holds rows of that day';
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)',
                 kept.schema_name, name, kept.schema_name, kept.table_name);
  EXECUTE format('ALTER TABLE %I.%I ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', kept.schema_name, kept.table_name,
                 kept.schema_name, name, low, high);
  change := 'created';
EXCEPTION
  WHEN lock_not_available OR deadlock_detected OR check_violation THEN
    change := 'skipped';
    reason := SQLERRM;
END
$$;

-- DROP needs the parent to itself for a moment; it gives up quickly rather than let a queue form behind it.
CREATE FUNCTION core.drop_day_partition(kept core.partitioned_table, name text, OUT change text, OUT partition text, OUT reason text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
BEGIN
  partition := kept.schema_name || '.' || name;
  reason := '';
  EXECUTE format('DROP TABLE %I.%I', kept.schema_name, name);
  change := 'dropped';
EXCEPTION
  WHEN lock_not_available OR deadlock_detected OR dependent_objects_still_exist THEN
    change := 'skipped';
    reason := SQLERRM;
END
$$;

-- Yesterday to ahead_days from today, in UTC; then what is older than keep_days, in the default partition as well. Returns what it did.
-- Whoever calls it, it can only do what the registry says, so that everyone may.
CREATE FUNCTION core.keep_partitions_of(of_schema text, of_table text, ahead_days integer)
RETURNS TABLE (change text, partition text, reason text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept   core.partitioned_table;
  today  date := (now() AT TIME ZONE 'UTC')::date;
  oldest date;
  name   text;
BEGIN
  IF ahead_days NOT BETWEEN 1 AND 60 THEN
    RAISE EXCEPTION 'ahead_days is %, not between 1 and 60', ahead_days USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT * INTO kept FROM core.partitioned_table t WHERE t.schema_name = of_schema AND t.table_name = of_table;
  -- Another service is at it.
  IF NOT FOUND OR NOT pg_try_advisory_xact_lock(hashtext('core.keep_partitions'), hashtext(of_schema || '.' || of_table)) THEN
    RETURN;
  END IF;
  oldest := today - kept.keep_days;

  FOR name IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = format('%I.%I', of_schema, of_table)::regclass
       AND c.relname ~ '_p[0-9]{8}$' AND to_date(right(c.relname, 8), 'YYYYMMDD') < oldest
     ORDER BY 1
  LOOP
    RETURN QUERY SELECT d.change, d.partition, d.reason FROM core.drop_day_partition(kept, name) d;
  END LOOP;

  RETURN QUERY
    SELECT c.change, c.partition, c.reason
      FROM generate_series(greatest(today - 1, oldest), today + ahead_days, interval '1 day') AS each_day(day)
     CROSS JOIN LATERAL core.create_day_partition(kept, each_day.day::date) c
     WHERE c.change <> 'present';

  EXECUTE format('DELETE FROM %1$I.%2$I WHERE ctid IN (SELECT ctid FROM %1$I.%2$I WHERE %3$I < %4$L LIMIT 10000)', of_schema,
                 of_table || '_default', kept.key_column, core.day_bound(kept.kind, oldest));
END
$$;

-- All tables in one transaction: for migrations and for people. The services go table by table.
CREATE FUNCTION core.keep_partitions(ahead_days integer DEFAULT 3)
RETURNS TABLE (change text, partition text, reason text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT k.change, k.partition, k.reason
    FROM core.partitioned_table t
   CROSS JOIN LATERAL core.keep_partitions_of(t.schema_name, t.table_name, ahead_days) k
$$;

-- Registers a partitioned table, gives it its default partition, and makes the first days.
CREATE FUNCTION core.partition_by_day(of_schema text, of_table text, of_kind text, for_days integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key   text;
  wants text := CASE of_kind WHEN 'uuid7' THEN 'uuid' ELSE 'timestamp with time zone' END;
  has   text;
BEGIN
  SELECT a.attname, format_type(a.atttypid, NULL) INTO key, has
    FROM pg_partitioned_table p
    JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
   WHERE p.partrelid = format('%I.%I', of_schema, of_table)::regclass AND p.partstrat = 'r' AND p.partnatts = 1;
  IF has IS DISTINCT FROM wants THEN
    RAISE EXCEPTION '%.% is not partitioned by range over one column of type %', of_schema, of_table, wants
      USING ERRCODE = 'wrong_object_type';
  END IF;
  INSERT INTO core.partitioned_table VALUES (of_schema, of_table, key, of_kind, for_days);
  EXECUTE format('CREATE TABLE %I.%I PARTITION OF %I.%I DEFAULT', of_schema, of_table || '_default', of_schema, of_table);
  PERFORM core.keep_partitions_of(of_schema, of_table, 3);
END
$$;

REVOKE ALL ON FUNCTION core.partition_by_day(text, text, text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION core.create_day_partition(core.partitioned_table, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION core.drop_day_partition(core.partitioned_table, text) FROM PUBLIC;
GRANT USAGE ON SCHEMA core TO PUBLIC;
GRANT SELECT ON core.partitioned_table, core.migration TO PUBLIC;
