-- breaking: no
-- The VEX statements of an SBOM, which apply to the packages of its layer only.

CREATE TABLE layer_statements (
  layer      bigint NOT NULL PRIMARY KEY REFERENCES layer (id) ON DELETE CASCADE,
  statements text COLLATE "C" NOT NULL                -- JSON list
);
