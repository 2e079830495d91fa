import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { type SecdbSource, secdbJsonParser, secdbYamlParser } from '../../formats/secdb.ts';

const ALPINE: SecdbSource = {
  namespaceOf,
  linkOf: (id) => `https://security.alpinelinux.org/vuln/${id}`,
};

/** Reads the secdb of one repository of one branch of Alpine. */
export const parseAlpineJson: DocumentParser = secdbJsonParser(ALPINE);

/** Reads the same in the form in which it was kept until 2020 (https://github.com/alpinelinux/alpine-secdb). */
export const parseAlpineYaml: DocumentParser = secdbYamlParser(ALPINE);

/** Branches are `edge`, and `v3.18` for all of 3.18. */
function namespaceOf(distroversion: string): string | undefined {
  return /^(?:edge|v\d+\.\d+)$/.test(distroversion) ? namespaceName('alpine', distroversion) : undefined;
}
