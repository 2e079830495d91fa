/**
 * The part of a statement that joins a feed's advisories with the packages of a namespace that they affect, from the
 * namespace on. Its parameters are the name of the namespace and the feed.
 */
export const ADVISORIES_OF_NAMESPACE = `
FROM namespace
  CROSS JOIN line
  CROSS JOIN affected
  CROSS JOIN vulnerability
WHERE namespace.name = ?
  AND line.namespace = namespace.id
  AND affected.line = line.id
  AND vulnerability.id = affected.vulnerability
  AND vulnerability.feed = ?`;
