import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { type SecdbSource, secdbJsonParser, secdbYamlParser } from '../../formats/secdb.ts';

const ALPINE: SecdbSource = {
  namespaceOf,
  linkOf: (id) => `https://security.alpinelinux.org/vuln/${id}`,
};

/** Reads the secdb of one repository of an Alpine branch. */
export const parseAlpineJson: DocumentParser = secdbJsonParser(ALPINE);

/** Reads the YAML form that was used until 2020 (https://github.com/alpinelinux/alpine-secdb). */
export const parseAlpineYaml: DocumentParser = secdbYamlParser(ALPINE);

/** Returns the namespace of a branch. A branch is `edge` or, for example, `v3.18` for all releases 3.18.x. */
function namespaceOf(distroversion: string): string | undefined {
  return /^(?:edge|v\d+\.\d+)$/.test(distroversion) ? namespaceName('alpine', distroversion) : undefined;
}
