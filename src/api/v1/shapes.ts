import { Type } from 'typebox';

/** Names of layers may hold any characters: digests with a colon, paths with slashes. */
export const LAYER_NAME: Type.TString = Type.String({ minLength: 1, maxLength: 1024 });

/** Of an identifier of a feed as of one made by hand; which characters it may have says `isAdvisoryId`. */
export const VULNERABILITY_NAME: Type.TString = Type.String({ minLength: 1, maxLength: 128 });

export const NAMESPACE_NAME: Type.TString = Type.String({ minLength: 1, maxLength: 128 });

export const PACKAGE_NAME: Type.TString = Type.String({ minLength: 1, maxLength: 256 });

export const VERSION: Type.TString = Type.String({ maxLength: 256 });

/** What must be known to trust an answer; `docs/diagnostics.md` lists the codes. */
export const DIAGNOSTICS: Type.TSchema = Type.Array(
  Type.Object({ code: Type.String(), message: Type.String(), where: Type.String() }, { title: 'Diagnostic' }),
);

/** A flag of a query: it is set when it is there, whatever its value. */
export const FLAG: Type.TOptional<Type.TUnknown> = Type.Optional(
  Type.Unknown({ description: 'set when it is there, whatever its value' }),
);

/** Where a next page starts: opaque, and good for an hour. */
export const PAGE: Type.TString = Type.String({
  maxLength: 8192,
  description: 'opaque, of `NextPage`; good for an hour',
});
