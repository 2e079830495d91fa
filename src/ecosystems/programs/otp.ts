import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from '../languages/library-purl.ts';
import { semanticForm } from './semantic-form.ts';

/**
 * Erlang and Elixir applications. Nearly all applications have the name of their Hex package, which is in lower case.
 */
export const otp: Ecosystem<LibraryPackage> = {
  type: 'otp',
  scheme: 'semver',
  namespaces: ['hex'],
  namespaceOf: ({ name }) => (OWN_APPLICATIONS.has(name) ? '' : 'hex'),
  lines: ({ name, version }) => [{ name: name.toLowerCase(), version: semanticForm(version) }],
  aliasesAreNames: true,
  // Other tools support Hex packages, but not the applications that are built from these packages, so the URL names the
  // Hex package.
  purl: ({ name, version }) =>
    OWN_APPLICATIONS.has(name) ? libraryPurl('otp', name, version) : libraryPurl('hex', name.toLowerCase(), version),
  featureOf: (purl) =>
    libraryFeature('otp', purl.type === 'hex' ? { ...purl, type: 'otp', name: purl.name.toLowerCase() } : purl),
};

/** The applications of Erlang/OTP and of Elixir, which are not Hex packages. */
const OWN_APPLICATIONS: ReadonlySet<string> = new Set(
  (
    'asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit ftp hipe ' +
    'inets jinterface kernel megaco mnesia observer odbc os_mon parsetools public_key reltool runtime_tools sasl snmp ssh ' +
    'ssl stdlib syntax_tools tftp tools wx xmerl eex elixir ex_unit iex logger mix'
  ).split(' '),
);
