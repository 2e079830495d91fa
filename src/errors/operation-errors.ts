/** The errors of feeds, the database, the server and the command line. */
export const OPERATION_ERRORS = {
  'feed/unknown': {
    kind: 'invalid',
    when: 'Clair, or the published database, has no feed with this name.',
    remedy: 'Use one of the feeds that the message or clair update --help lists.',
  },
  'feed/invalid': {
    kind: 'unreadable',
    when: 'A feed document is invalid.',
    remedy: 'Check what the feed publishes; the stored data is unchanged.',
  },
  'feed/truncated': {
    kind: 'unreadable',
    when: 'A feed document ends too early.',
    remedy: 'Download the feed again; the stored data is unchanged.',
  },
  'feed/empty': {
    kind: 'unreadable',
    when: 'A feed or feed document is empty.',
    remedy: 'Check what the feed publishes; the stored data is unchanged.',
  },
  'feed/shrunk': {
    kind: 'unreadable',
    when: 'An update of a feed has far fewer entries than the stored feed.',
    remedy:
      'Check what the feed publishes; if the smaller feed is correct, accept it with --allow-shrink. The stored data is unchanged.',
  },
  'feed/limit-exceeded': {
    kind: 'unreadable',
    when: 'A feed document exceeds a limit.',
    remedy: 'Check what the feed publishes; docs/reference/limits.md lists the limits.',
  },
  'feed/program-missing': {
    kind: 'unreachable',
    when: 'A feed needs a program that is not installed.',
    remedy: 'Install the program that the message names, or read a local copy of the feed with --from.',
  },
  'classifiers/invalid': {
    kind: 'invalid',
    when: 'A classifier file is unreadable or invalid.',
    remedy:
      'Check the path, and correct the lines that the message names; classifiers.example.yaml describes the file.',
  },
  'update/offline': {
    kind: 'invalid',
    when: 'An update needs the network, but updater.offline is true.',
    remedy: 'Read a local copy with --from, or set updater.offline to false.',
  },
  'update/locked': {
    kind: 'busy',
    when: 'Another process is updating the feed.',
    remedy: 'Wait for the other process to finish, or for its lock to expire.',
  },
  'database/unavailable': {
    kind: 'busy',
    when: 'The database cannot be opened or does not respond.',
    remedy: 'Check the path or address, the disk and the permissions, and whether PostgreSQL is running.',
  },
  'database/newer-schema': {
    kind: 'busy',
    when: 'A later release of Clair wrote the database.',
    remedy: 'Use the release of Clair that wrote the database, or a later release.',
  },
  'database/older-schema': {
    kind: 'busy',
    when: 'The database has a schema that this release cannot migrate.',
    remedy:
      'Set --db, database.path or database.source to a new database, run clair update or clair db import, and submit the images again.',
  },
  'database/value-too-long': {
    kind: 'invalid',
    when: 'A name or version is too long for a PostgreSQL index.',
    remedy: 'Use shorter names and versions, or SQLite.',
  },
  'database/lease-lost': {
    kind: 'busy',
    when: 'An instance lost its lease before its work was done.',
    remedy:
      'No action is required: another instance does the work. If the error recurs, find out why the database was slow or unavailable.',
  },
  'housekeeping/locked': {
    kind: 'busy',
    when: 'Another process is running housekeeping.',
    remedy: 'Wait for the other process to finish, or one minute for its lock to expire.',
  },
  'copy/not-empty': {
    kind: 'invalid',
    when: 'The target database of a copy is not empty.',
    remedy: 'Name a new or empty database.',
  },
  'copy/source-missing': {
    kind: 'not-found',
    when: 'The source database of a copy does not exist.',
    remedy: 'Check the path of the source database.',
  },
  'copy/mismatch': {
    kind: 'internal',
    when: 'The copy differs from the source database.',
    remedy: 'Check the disks, and report the error as a bug in Clair; the target was not changed.',
  },
  'server/stopping': {
    kind: 'busy',
    when: 'The server is shutting down.',
    remedy: 'Send the request to another instance, or repeat it when the server is available again.',
  },
  'server/unreachable': {
    kind: 'unreachable',
    when: 'The client cannot reach the server.',
    remedy: 'Check the address, and check that the server is running.',
  },
  'server/busy': {
    kind: 'busy',
    when: 'The server or a proxy has no capacity for the request.',
    remedy: 'Try again later.',
  },
  'server/no-room': {
    kind: 'busy',
    when: 'The temporary files of the server would exceed worker.temporarySpace.',
    remedy: 'Try again later, or raise worker.temporarySpace.',
  },
  'server/disk-full': {
    kind: 'disk-full',
    when: 'The disk for temporary files is full.',
    remedy: 'Ask the operator of the server to free space in its directory for temporary files (TMPDIR).',
  },
  'server/no-temporary-directory': {
    kind: 'invalid',
    when: 'The server cannot create its directory for temporary files.',
    remedy: 'Set TMPDIR to a writable directory on a disk with free space.',
  },
  'server/refused': {
    kind: 'unreachable',
    when: 'The server has a bug, or returned an error code that is unknown to this release.',
    remedy: 'Follow the message from the server; the server log may contain details.',
  },
  'server/unexpected-answer': {
    kind: 'unreadable',
    when: 'The response does not come from a Clair server of this release.',
    remedy: 'Check the address and any proxy, and use a server of the same release.',
  },
  'config/invalid': {
    kind: 'invalid',
    when: 'The configuration is invalid.',
    remedy: 'Correct the keys that the message names; docs/reference/configuration.md lists all keys.',
  },
  'program/not-unpacked': {
    kind: 'invalid',
    when: 'The executable cannot unpack its files.',
    remedy: 'Set XDG_CACHE_HOME or TMPDIR to a directory that you own and that permits execution.',
  },
  'cli/usage': {
    kind: 'invalid',
    when: 'An option or argument is invalid.',
    remedy: 'Run the command with --help for its options.',
  },
  'export/invalid': {
    kind: 'unreadable',
    when: 'An export file is corrupt, or is not a Clair export.',
    remedy: 'Check the path, and copy the export file again; nothing was imported.',
  },
  'export/outdated': {
    kind: 'invalid',
    when: 'An export file contains older data than the database.',
    remedy: 'Import a later export, or accept this export with --force; the stored data is unchanged.',
  },
  'export/unsupported': {
    kind: 'unreadable',
    when: 'A later release of Clair wrote the export file.',
    remedy: 'Use the release of Clair that wrote the file, or a later release; nothing was imported.',
  },
  'export/unwritable': {
    kind: 'busy',
    when: 'An output file cannot be written.',
    remedy: 'Choose a writable directory on a disk with free space; an existing file is unchanged.',
  },
  'export/feeds-missing': {
    kind: 'invalid',
    when: 'The database to export has no feeds.',
    remedy: 'Check --db, and run clair update or clair db pull first; an existing file is unchanged.',
  },
  'temporary/unwritable': {
    kind: 'disk-full',
    when: 'A temporary file cannot be written.',
    remedy: 'Free space in this directory, or set TMPDIR to a writable directory on a disk with free space.',
  },
  'artifact/invalid': {
    kind: 'unreadable',
    when: 'A published database is corrupt, or is not a Clair database.',
    remedy:
      'Check the reference, and publish the database again, under a new tag if the tag contains something else; the stored data is unchanged.',
  },
  'artifact/unsupported': {
    kind: 'unreadable',
    when: 'A later release of Clair published the database.',
    remedy: 'Use the release of Clair that published the database, or a later release; the stored data is unchanged.',
  },
  'artifact/feeds-missing': {
    kind: 'invalid',
    when: 'The database to publish has no feeds, or lacks feeds of the published database.',
    remedy: 'Check --db, and run clair update or clair db pull first; the published database is unchanged.',
  },
  'artifact/unsigned': {
    kind: 'unreadable',
    when: 'A published database has no valid signature from the required key.',
    remedy: 'Check the reference and the key; do not use the database if untrusted people can push to the repository.',
  },
  'artifact/key-invalid': {
    kind: 'invalid',
    when: 'A key file for the signature of a published database cannot be read, or contains no supported key.',
    remedy:
      'Use an Ed25519 key in PEM format: openssl genpkey -algorithm ed25519 creates a private key, and openssl pkey -pubout its public key. The public key can also be the ECDSA P-256 key of cosign.',
  },
  'installation/incomplete': {
    kind: 'busy',
    when: 'A library of Clair cannot be loaded, because npm did not run its install script, or because Node was upgraded.',
    remedy:
      'Install Clair again with the Node release that runs it, and let npm run the install scripts: npm install --global --allow-scripts=better-sqlite3,zstd-napi.',
  },
  internal: {
    kind: 'internal',
    when: 'Clair has a bug.',
    remedy: 'Report the error as a bug in Clair, with the log.',
  },
} as const;
