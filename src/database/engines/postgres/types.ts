import pg, { type CustomTypesConfig } from 'pg';

/** How what PostgreSQL gives becomes a `SqlValue`: 64 bits hold ids, times and counts, all of which are exact. */
export const VALUE_TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
};
