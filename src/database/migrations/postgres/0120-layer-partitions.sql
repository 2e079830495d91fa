-- breaking: no
-- Divides `layer_feature` into partitions by ranges of layers, so that VACUUM skips unchanged ranges
-- (docs/explanation/adr/0011-large-partitions-of-differences.md). The existing table becomes the first partition without
-- a copy of its rows or indexes; ATTACH reads the rows once. Old releases can use the partitions.
ALTER TABLE layer_feature RENAME TO layer_feature_1;
ALTER INDEX layer_feature_pkey RENAME TO layer_feature_1_pkey;
ALTER INDEX layer_feature_by_feature RENAME TO layer_feature_1_feature_change_layer_idx;
ALTER INDEX layer_feature_moved RENAME TO layer_feature_1_layer_change_feature_idx;
CREATE TABLE layer_feature (LIKE layer_feature_1 INCLUDING ALL) PARTITION BY RANGE (layer);
ALTER INDEX layer_feature_feature_change_layer_idx RENAME TO layer_feature_by_feature;
ALTER INDEX layer_feature_layer_change_feature_idx RENAME TO layer_feature_moved;
ALTER TABLE layer_feature
  ADD CONSTRAINT layer_feature_layer_fkey FOREIGN KEY (layer) REFERENCES layer (id) ON DELETE CASCADE,
  ADD CONSTRAINT layer_feature_feature_fkey FOREIGN KEY (feature) REFERENCES feature (id);

-- Creates the next partition when fewer than a tenth of `size` ids are left, and returns the id of the layer at which to
-- call the function again. Runs with the permissions of the owner of the tables, because servers may use a role that
-- cannot create tables.
CREATE FUNCTION extend_layer_feature(size bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
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
  SELECT
    MAX(substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''(\d+)''\)')::bigint),
    'layer_feature_' || COUNT(*) + 1
    INTO bound, partition
    FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'layer_feature'::regclass;
  IF newest + spare < bound THEN
    RETURN bound - spare;
  END IF;
  next_bound := ((newest + spare) / size + 1) * size;
  -- ATTACH locks both tables, because it adds foreign keys. Transactions write to `layer` before `feature`.
  LOCK TABLE layer, feature IN SHARE ROW EXCLUSIVE MODE;
  EXECUTE format('CREATE TABLE %I (LIKE layer_feature INCLUDING ALL)', partition);
  EXECUTE format(
    'ALTER TABLE layer_feature ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', partition, bound, next_bound
  );
  RETURN next_bound - spare;
END
$$;

DO $$
DECLARE
  permission record;
BEGIN
  EXECUTE format(
    'ALTER TABLE layer_feature ATTACH PARTITION layer_feature_1 FOR VALUES FROM (MINVALUE) TO (%s)',
    (SELECT (COALESCE(MAX(id), 0) / 4000000 + 1) * 4000000 FROM layer)
  );
  -- No other schema of the caller can replace the tables of the function.
  EXECUTE format('ALTER FUNCTION extend_layer_feature(bigint) SET search_path = %I, pg_temp', current_schema());
  FOR permission IN
    SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role
    FROM pg_class CROSS JOIN aclexplode(relacl)
    WHERE pg_class.oid = 'layer_feature_1'::regclass AND grantee <> relowner
  LOOP
    EXECUTE format('GRANT %s ON layer_feature TO %s', permission.privilege_type, permission.role);
  END LOOP;
END
$$;
SELECT extend_layer_feature(4000000);
