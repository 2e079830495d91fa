/** The media type of the configuration of a published database, which scans use to tell a database from an image. */
export const DATABASE_CONFIG_TYPE = 'application/vnd.clair.database.config.v1+json';
