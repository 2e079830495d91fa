-- breaking: no
-- Names new partitions of `layer_feature` by the id of their first layer, because the number of partitions can be the
-- name of an existing partition after another one was dropped. Partitions get the permissions of the whole table, so that
-- a role that only reads can dump them (docs/explanation/adr/0011-large-partitions-of-differences.md).
CREATE OR REPLACE FUNCTION extend_layer_feature(size bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  spare CONSTANT bigint := size / 10;
  newest bigint;
  bound bigint;
  next_bound bigint;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || ' extend_layer_feature', 0));
  SELECT COALESCE(GREATEST(MAX(id), pg_sequence_last_value(pg_get_serial_sequence('layer', 'id'))), 0)
    INTO newest FROM layer;
  SELECT MAX(substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''(\d+)''\)')::bigint) INTO bound
    FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'layer_feature'::regclass;
  IF newest + spare < bound THEN
    RETURN bound - spare;
  END IF;
  next_bound := ((newest + spare) / size + 1) * size;
  partition := 'layer_feature_from_' || bound;
  -- A detached partition keeps its name.
  WHILE to_regclass(partition) IS NOT NULL LOOP
    partition := partition || '_';
  END LOOP;
  -- ATTACH locks both tables, because it adds foreign keys. Transactions write to `layer` before `feature`.
  LOCK TABLE layer, feature IN SHARE ROW EXCLUSIVE MODE;
  EXECUTE format('CREATE TABLE %I (LIKE layer_feature INCLUDING ALL)', partition);
  EXECUTE format(
    'ALTER TABLE layer_feature ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', partition, bound, next_bound
  );
  PERFORM grant_layer_feature(partition::regclass);
  RETURN next_bound - spare;
END
$$;

-- Grants the permissions on `layer_feature` also on one of its partitions.
CREATE FUNCTION grant_layer_feature(partition regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  permission record;
BEGIN
  FOR permission IN
    SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role
    FROM pg_class CROSS JOIN aclexplode(relacl)
    WHERE pg_class.oid = 'layer_feature'::regclass AND grantee <> relowner
  LOOP
    EXECUTE format('GRANT %s ON %s TO %s', permission.privilege_type, partition, permission.role);
  END LOOP;
END
$$;

DO $$
BEGIN
  -- No other schema of the caller can replace the tables of the function.
  EXECUTE format('ALTER FUNCTION extend_layer_feature(bigint) SET search_path = %I, pg_temp', current_schema());
  PERFORM grant_layer_feature(inhrelid) FROM pg_inherits WHERE inhparent = 'layer_feature'::regclass;
END
$$;
