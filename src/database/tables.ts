/** A table of the schema, whatever engine has it. */
export type Table = {
  readonly name: string;
  /** What tells its rows apart, and what they are read by. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** When a row was made or last used, in milliseconds since 1970. */
  readonly time?: string;
  /** Whether a row may hold a long text or many bytes. */
  readonly isWide?: boolean;
};

/**
 * All tables but `lock`, whose rows mean something only to the processes that run, each behind those that it refers to. A
 * test holds the list against the schema.
 */
export const TABLES: readonly Table[] = [
  { name: 'namespace', key: ['id'], columns: ['id', 'name', 'scheme'] },
  { name: 'stream', key: ['id'], columns: ['id', 'namespace', 'name', 'of_source'] },
  {
    name: 'package',
    key: ['id'],
    columns: [
      'id',
      'stream',
      'kind',
      'name',
      'version',
      'arch',
      'source_name',
      'source_version',
      'vendor',
      'has_module',
      'module',
      'module_stream',
    ],
  },
  {
    name: 'package_point',
    key: ['stream', 'version_key', 'package'],
    columns: ['stream', 'version_key', 'package'],
  },
  {
    name: 'layer_findings',
    key: ['digest', 'engine_version'],
    columns: ['digest', 'engine_version', 'findings'],
    isWide: true,
  },
  {
    name: 'layer',
    key: ['id'],
    columns: [
      'id',
      'name',
      'engine_version',
      'digest',
      'parent',
      'depth',
      'namespace',
      'distribution',
      'content_sets',
      'problems',
      'created_at',
      'asked_on',
    ],
    time: 'created_at',
  },
  { name: 'layer_package', key: ['layer', 'package'], columns: ['layer', 'package', 'change', 'origin_depth'] },
  {
    name: 'image',
    key: ['id'],
    columns: ['id', 'digest', 'reference', 'target', 'platform', 'leaf', 'scanned_at', 'base_digest', 'commands'],
    time: 'scanned_at',
  },
  {
    name: 'image_reference',
    key: ['reference', 'platform', 'since', 'image'],
    columns: ['reference', 'platform', 'since', 'image'],
    time: 'since',
  },
  {
    name: 'image_layer',
    key: ['image', 'position'],
    columns: ['image', 'position', 'digest', 'diff_id', 'created_by', 'size'],
  },
  { name: 'image_chain', key: ['layer', 'image'], columns: ['layer', 'image'] },
  {
    name: 'vulnerability',
    key: ['id'],
    columns: ['id', 'source', 'name', 'link', 'description', 'content_hash'],
    isWide: true,
  },
  { name: 'vulnerability_alias', key: ['name', 'vulnerability'], columns: ['name', 'vulnerability'] },
  {
    name: 'affected',
    key: ['stream', 'hi', 'vulnerability', 'lo', 'archs', 'module', 'cpe'],
    columns: [
      'stream',
      'hi',
      'vulnerability',
      'lo',
      'severity',
      'severity_from',
      'status',
      'introduced',
      'fixed',
      'last_affected',
      'archs',
      'module',
      'cpe',
    ],
  },
  { name: 'manual_metadata', key: ['vulnerability'], columns: ['vulnerability', 'metadata'], isWide: true },
  {
    name: 'change_log',
    key: ['id'],
    columns: ['id', 'source', 'name', 'kind', 'before', 'at', 'initial'],
    time: 'at',
    isWide: true,
  },
  {
    name: 'notification',
    key: ['id'],
    columns: [
      'id',
      'name',
      'change',
      'kind',
      'created_at',
      'notified_at',
      'read_at',
      'dead_at',
      'attempts',
      'error',
      'due_at',
      'claimed_by',
    ],
    time: 'created_at',
  },
  {
    name: 'submission',
    key: ['id'],
    columns: [
      'id',
      'name',
      'target',
      'platform',
      'state',
      'layers',
      'layers_done',
      'layers_known',
      'images',
      'error',
      'attempts',
      'is_upload',
      'created_at',
      'finished_at',
    ],
    time: 'created_at',
  },
  { name: 'enrichment', key: ['kind', 'cve'], columns: ['kind', 'cve', 'value', 'severity'] },
  {
    name: 'source_state',
    key: ['source'],
    columns: [
      'source',
      'fetcher_version',
      'last_attempt',
      'last_success',
      'error',
      'etag',
      'last_modified',
      'vulnerabilities',
      'unclear_count',
      'skipped_count',
      'unclear',
      'stale_after',
      'refused',
    ],
    time: 'last_attempt',
  },
  { name: 'repository_cpe', key: ['repository', 'cpe', 'source'], columns: ['repository', 'cpe', 'source'] },
  { name: 'source_namespace', key: ['source', 'namespace'], columns: ['source', 'namespace'] },
  { name: 'flag', key: ['name'], columns: ['name', 'value'] },
];
