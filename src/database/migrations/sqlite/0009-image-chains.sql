-- breaking: no
-- The layers that each image is made of: the topmost one and all below it. So the images that are built on a layer are found
-- without a walk through all layers that are.
CREATE TABLE image_chain (
  layer INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  image INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;

INSERT INTO image_chain (layer, image)
WITH RECURSIVE below (image, layer) AS (
  SELECT id, leaf FROM image WHERE leaf IS NOT NULL
  UNION ALL
  SELECT below.image, layer.parent FROM below CROSS JOIN layer WHERE layer.id = below.layer AND layer.parent IS NOT NULL
)
SELECT layer, image FROM below ORDER BY layer, image;

CREATE INDEX image_chain_by_image ON image_chain (image, layer);
