/**
 * The part of a statement that joins a namespace with the advisories of a feed that affect its packages. Parameters:
 * the name of the namespace and the feed.
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
