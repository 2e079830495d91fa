import { describe, expect, it } from 'vitest';
import { acceptedDocument, DOCUMENT_TYPES, metadataType } from './media-types.ts';

describe('the document for an Accept header', () => {
  it.each([
    [DOCUMENT_TYPES.generic, 'generic'],
    [DOCUMENT_TYPES.native, 'native'],
    [DOCUMENT_TYPES.sbom, 'sbom'],
    ['application/vnd.security.vulnerability.report;version=1.1', 'generic'],
    ['Application/VND.security.vulnerability.report ; Version = "1.1"', 'generic'],
    [`${DOCUMENT_TYPES.generic};q=0.5`, 'generic'],
    [`text/html, ${DOCUMENT_TYPES.native}`, 'native'],
    [`${DOCUMENT_TYPES.sbom}, ${DOCUMENT_TYPES.generic}`, 'sbom'],
    [`${DOCUMENT_TYPES.sbom};q=0.1, ${DOCUMENT_TYPES.generic}`, 'generic'],
    ['application/vnd.security.vulnerability.report', 'generic'],
  ])('is for %s: %s', (accept, document) => {
    expect(acceptedDocument(accept, 'sbom')).toBe(document);
  });

  it.each([undefined, '', ' ', '*/*', 'application/*', 'application/json', 'text/html, */*;q=0.1'])(
    'is the fallback for %j',
    (accept) => {
      expect(acceptedDocument(accept, 'generic')).toBe('generic');
      expect(acceptedDocument(accept, 'sbom')).toBe('sbom');
    },
  );

  it.each([
    'text/html',
    'application/vnd.security.vulnerability.report; version=2.0',
    'application/vnd.scanner.adapter.vuln.report.raw',
  ])('is none for %s', (accept) => {
    expect(acceptedDocument(accept, 'generic')).toBeUndefined();
  });
});

describe('the version of the metadata', () => {
  it.each([
    [undefined, '1.0'],
    ['application/vnd.scanner.adapter.metadata+json; version=1.0', '1.0'],
    ['application/vnd.scanner.adapter.metadata+json; version=1.1', '1.1'],
    ['application/vnd.scanner.adapter.metadata+json;version="1.1"', '1.1'],
    ['application/vnd.scanner.adapter.metadata+json; version=1.10', '1.0'],
    ['*/*', '1.0'],
  ])('is for %s %s', (accept, version) => {
    expect(metadataType(accept)).toBe(`application/vnd.scanner.adapter.metadata+json; version=${version}`);
  });
});
