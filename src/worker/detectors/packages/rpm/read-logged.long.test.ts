import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rpmHeader } from './testing/rpm-header.ts';
import { sqliteDatabase } from './testing/rpm-sqlite.ts';
import { checkpoint, entriesBySqlite, filesAfter, insertHeaders, type LoggedFiles } from './testing/sqlite-log.ts';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { applyWriteAheadLog } from './apply-wal.ts';
import { parseWriteAheadLog } from './parse-wal.ts';
import { readLoggableDatabase, readLoggedDatabase, readWriteAheadLog } from './read-logged.ts';
import { readSqlite } from './read-sqlite.ts';

const PATH = 'var/lib/rpm/rpmdb.sqlite';
const header = (name: string, size = 0): Buffer => rpmHeader({ name }, size);

/** The database has `a` and `b`; the log adds `c` and removes `a`. */
const FILES = filesAfter((database) => {
  insertHeaders(database, [header('a'), header('b', 6000)]);
  checkpoint(database, 'TRUNCATE');
  insertHeaders(database, [header('c', 9000)]);
  database.exec('DELETE FROM Packages WHERE hnum = 1');
});

function namesOf({ database, log }: LoggedFiles): readonly string[] {
  return (readLoggedDatabase(PATH, database, log).packages ?? []).map(({ name }) => name);
}

function wholeOf({ database, log }: LoggedFiles): Uint8Array {
  const parsed = parseWriteAheadLog(log);
  return parsed === undefined ? database : applyWriteAheadLog(database, log, parsed);
}

function messagesOf({ database, log }: LoggedFiles): readonly string[] {
  return readLoggedDatabase(PATH, database, log).diagnostics.map(({ message }) => message);
}

describe('a database with its log', () => {
  it('has the merged packages', () => {
    expect(readLoggableDatabase(PATH, FILES.database).packages?.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(namesOf(FILES)).toEqual(['b', 'c']);
    expect(messagesOf(FILES)).toEqual([]);
  });

  it('is read when only its first page is in the file', () => {
    const files = filesAfter((database) => insertHeaders(database, [header('a'), header('b', 70_000)]));
    expect(files.database).toHaveLength(4096);
    expect(namesOf(files)).toEqual(['a', 'b']);
    expect(readLoggableDatabase(PATH, files.database).diagnostics).not.toEqual([]);
  });

  it.each<[string, Buffer]>([
    ['garbage', Buffer.alloc(4096, 7)],
    ['cut off', FILES.database.subarray(0, 10)],
  ])('with a first page that is %s is read through the log', (_, database) => {
    const { log } = filesAfter((opened) => insertHeaders(opened, [header('a')]));
    expect(entriesBySqlite({ database, log })).toHaveLength(1);
    expect(namesOf({ database, log })).toEqual(['a']);
  });

  it('that the log shrank has no extra pages', () => {
    const files = filesAfter((database) => {
      database.pragma('auto_vacuum = FULL');
      database.exec('VACUUM');
      insertHeaders(database, [header('a'), header('b', 200_000)]);
      checkpoint(database, 'TRUNCATE');
      database.exec('DELETE FROM Packages WHERE hnum = 2; VACUUM');
    });
    expect(wholeOf(files).length).toBeLessThan(files.database.length / 2);
    expect(namesOf(files)).toEqual(['a']);
  });

  it('ignores a torn transaction', () => {
    expect(namesOf({ ...FILES, log: FILES.log.subarray(0, -1) })).toEqual(['a', 'b', 'c']);
    expect(namesOf({ ...FILES, log: FILES.log.subarray(0, 100) })).toEqual(['a', 'b']);
  });

  it('is not modified in memory', () => {
    const before = Buffer.from(FILES.database);
    namesOf(FILES);
    expect(FILES.database.equals(before)).toBe(true);
  });
});

describe('a mismatched log causes a diagnostic, and the database is read alone', () => {
  const other = filesAfter((database) => {
    insertHeaders(database, [header('a', 20_000)]);
    checkpoint(database, 'TRUNCATE');
    insertHeaders(database, [header('x')]);
  }, 1024);

  it.each<[string, LoggedFiles, readonly string[], string]>([
    [
      'of other pages',
      { database: FILES.database, log: other.log },
      ['a', 'b'],
      'the page size is 4096 in the database but 1024 in the log',
    ],
    [
      'of a database that is much longer',
      { database: other.database.subarray(0, 1024), log: other.log },
      [],
      'in neither the file nor the log',
    ],
    [
      'next to a file that is not a database',
      { database: Buffer.alloc(4096, 7), log: other.log },
      [],
      'the file beside the log is not an SQLite database',
    ],
  ])('%s', (_, files, names, message) => {
    expect(namesOf(files)).toEqual(names);
    expect(messagesOf(files).at(-1)).toContain(`${PATH} was read without its write-ahead log: `);
    expect(messagesOf(files).at(-1)).toContain(message);
  });

  it('more pages than the limit', () => {
    const pages = (256 * 2 ** 20) / 512 + 1;
    const log = { pageSize: 512, pages, offsets: new Map([[1, 0]]) };
    expect(() => applyWriteAheadLog(Buffer.alloc(512), Buffer.alloc(512), log)).toThrow(
      expect.objectContaining({ code: 'bytes/limit-exceeded' }),
    );
    // A page far beyond the end must not cause an allocation for the gap.
    const sparse = {
      pageSize: 512,
      pages: 1000,
      offsets: new Map([
        [1, 0],
        [1000, 0],
      ]),
    };
    expect(() => applyWriteAheadLog(Buffer.alloc(512), Buffer.alloc(512), sparse)).toThrow(
      expect.objectContaining({
        code: 'bytes/truncated',
        message: expect.stringMatching(/^998 of 1,000 pages are in neither the file nor the log$/),
      }),
    );
  });
});

describe('a log by itself', () => {
  const wal = `${PATH}-wal`;

  it('with changes has a content digest and a diagnostic', () => {
    expect(readWriteAheadLog(wal, FILES.log)).toEqual({
      content: expect.stringMatching(/^sha256:/),
      diagnostics: [
        {
          code: 'package-database-unreadable',
          message: `${wal} has changes to ${PATH} that were not read`,
          where: wal,
        },
      ],
    });
  });

  it.each([0, 32, 100])('of %i bytes has no changes', (size) => {
    expect(readWriteAheadLog(wal, FILES.log.subarray(0, size))).toEqual({ diagnostics: [] });
  });

  it('that is invalid causes a diagnostic', () => {
    const { content, diagnostics } = readWriteAheadLog(wal, Buffer.alloc(4096));
    expect(content).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: 'package-database-unreadable', where: wal }]);
  });

  it('next to an empty file is ignored, because SQLite removes it', () => {
    expect(entriesBySqlite({ database: Buffer.alloc(0), log: FILES.log })).toBe('refused');
    expect(readLoggableDatabase(PATH, new Uint8Array(0)).content).toBeUndefined();
    expect(readLoggableDatabase(PATH, sqliteDatabase([])).content).toBeDefined();
  });
});

describe('properties', () => {
  const change = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('insert'), size: fc.nat({ max: 20_000 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), size: fc.nat({ max: 40 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('update'), size: fc.nat({ max: 20_000 }) }) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'restart', size: 0 }, { kind: 'truncate', size: 0 }) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'vacuum', size: 0 }, { kind: 'rollback', size: 9000 }) },
  );
  const history = fc.record({
    pageSize: fc.constantFrom(512, 1024, 4096, 65_536),
    changes: fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
  });

  /** Reads the files with Clair's reader; the result has the same form as the result of `entriesBySqlite()`. */
  function entriesOf(files: LoggedFiles): ReturnType<typeof entriesBySqlite> {
    try {
      return [...readSqlite(wholeOf(files))].map(({ number, header: of }) => [
        number,
        Buffer.from(of()).toString('latin1'),
      ]);
    } catch {
      return 'refused';
    }
  }

  it('files of any history, also with truncated or damaged logs, are read as by SQLite', () => {
    const cut = fc.tuple(fc.constantFrom('whole', 'cut', 'damaged'), fc.nat({ max: 2 ** 30 }));
    let logged = 0;
    fc.assert(
      fc.property(history, cut, ({ pageSize, changes }, [how, at]) => {
        const whole = filesAfter((database) => changes.forEach((each) => apply(database, each)), pageSize);
        const files = { ...whole, log: harmed(whole.log, how, at) };
        const expected = entriesBySqlite(files);
        if (parseOrRefuse(files.log) === 'refused') return;
        logged += parseOrRefuse(files.log) === 'changes' ? 1 : 0;
        expect(entriesOf(files)).toEqual(expected);
      }),
      { numRuns: runCount(150, 100) },
    );
    // On average, more than half of the logs contain changes; the probability of 25 or fewer is below 1 in 10^9.
    expect(logged).toBeGreaterThan(25);
  });

  type Change = { readonly kind: string; readonly size: number };

  function apply(database: Parameters<Parameters<typeof filesAfter>[0]>[0], changes: readonly Change[]): void {
    const [{ kind } = { kind: '' }] = changes;
    if (kind === 'restart') return checkpoint(database);
    if (kind === 'truncate') return checkpoint(database, 'TRUNCATE');
    if (kind === 'vacuum') return void database.exec('VACUUM');
    database.exec('BEGIN');
    for (const { kind: each, size } of changes) {
      if (each === 'insert') database.prepare('INSERT INTO Packages (blob) VALUES (?)').run(Buffer.alloc(size, size));
      if (each === 'delete') database.prepare('DELETE FROM Packages WHERE hnum <= ?').run(size);
      if (each === 'update') database.prepare('UPDATE Packages SET blob = zeroblob(?) WHERE hnum % 3 = 0').run(size);
    }
    database.exec(changes.some((each) => each.kind === 'rollback') ? 'ROLLBACK' : 'COMMIT');
  }

  function harmed(log: Buffer, how: string, at: number): Buffer {
    if (how === 'cut') return log.subarray(0, at % (log.length + 1));
    if (how === 'damaged' && log.length > 0) {
      const damaged = Buffer.from(log);
      damaged.writeUInt8(damaged.readUInt8(at % log.length) ^ 0x10, at % log.length);
      return damaged;
    }
    return log;
  }

  /** SQLite silently ignores a log with a damaged header; Clair reports it. */
  function parseOrRefuse(log: Buffer): 'refused' | 'changes' | 'none' {
    try {
      return parseWriteAheadLog(log) === undefined ? 'none' : 'changes';
    } catch {
      return 'refused';
    }
  }
});
