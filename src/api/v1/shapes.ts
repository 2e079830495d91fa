import { Type } from 'typebox';

/** A layer name, which can contain any characters, such as the colon of a digest or the slashes of a path. */
export const LAYER_NAME: Type.TString = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'name of the layer, 1 to 1024 characters; percent-encoded in a path',
});

/** The ID of a vulnerability from a feed, or of a manual vulnerability; `isAdvisoryId` checks its characters. */
export const VULNERABILITY_NAME: Type.TString = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'ID of the vulnerability, 1 to 128 characters, such as CVE-2024-1234',
});

export const NAMESPACE_NAME: Type.TString = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'namespace, 1 to 128 characters, such as debian:12',
});

export const PACKAGE_NAME: Type.TString = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'name of the package, 1 to 256 characters',
});

export const VERSION: Type.TString = Type.String({
  maxLength: 256,
  description: 'version, at most 256 characters',
});

/** The diagnostics of a response; docs/reference/diagnostics.md lists the codes. */
export const DIAGNOSTICS: Type.TSchema = Type.Array(
  Type.Object(
    {
      code: Type.String({ description: 'diagnostic code (docs/reference/diagnostics.md)' }),
      message: Type.String(),
      where: Type.String({ description: 'path in the image, layers, namespace or feed; may be empty' }),
    },
    { title: 'Diagnostic' },
  ),
  { description: 'diagnostics of the analysis of the layer, and of the feeds for its release and packages' },
);

/** A flag in the query string; the flag is set if the parameter is present, regardless of its value. */
export const FLAG: Type.TOptional<Type.TUnknown> = Type.Optional(
  Type.Unknown({ description: 'flag that is set if the parameter is present, regardless of its value' }),
);

export const PAGE: Type.TString = Type.String({
  maxLength: 8192,
  description: 'token from `NextPage` of the previous page; valid for 1 hour',
});
