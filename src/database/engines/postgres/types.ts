import pg, { type CustomTypesConfig } from 'pg';

/** Reads 64-bit integers as numbers, because all ids, times and counts are small enough to be exact. */
export const VALUE_TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
};
