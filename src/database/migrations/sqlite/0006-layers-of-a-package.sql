-- breaking: no
-- The layers that bring a package in, in their order, without a look at the table.
DROP INDEX layer_package_by_package;
CREATE INDEX layer_package_by_package ON layer_package (package, change, layer);
