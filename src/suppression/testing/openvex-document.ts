type OpenVexStatement = {
  readonly vulnerability: { readonly name: string };
  readonly products: readonly object[];
  readonly status: string;
  readonly justification: string;
};

/** Returns an OpenVEX document that states that a vulnerability does not affect a product. */
export function notAffected(
  vulnerability: string,
  purl: string,
): { readonly '@context': string; readonly statements: readonly OpenVexStatement[] } {
  const facts = {
    '@id': 'https://example.com/vex',
    author: 'someone',
    timestamp: '2026-01-01T00:00:00Z',
    version: 1,
  };
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    ...facts,
    statements: [
      {
        vulnerability: { name: vulnerability },
        products: [{ '@id': purl }],
        status: 'not_affected',
        justification: 'vulnerable_code_not_present',
      },
    ],
  };
}
