import type { TableSize } from '../../src/database/contracts/sizes.ts';
import { type OpenDatabase, PATCHINGS } from './questions.ts';
import type { Timings } from './timings.ts';

/** The measurements of one engine, by database size. */
export type Measured = {
  readonly databases: readonly OpenDatabase[];
  readonly timings: Timings;
  /** Number of layers that introduce the vulnerability of the full reverse query. */
  readonly introducing: ReadonlyMap<number, number>;
  readonly tables: ReadonlyMap<number, readonly TableSize[]>;
};

const TABLES_OF_LAYERS: ReadonlySet<string> = new Set([
  'layer',
  'layer_feature',
  'layer_contents',
  'image',
  'image_chain',
  'package',
  'feature_point',
]);

/** The longest time of a report on PostgreSQL that meets the aim, as a multiple of the time on SQLite. */
const AIM_OF_ENGINES = 1.5;

/** The highest ratio that meets the aim: the time with the largest database to the time with the smallest database. */
const AIM_OF_GROWTH = 1.5;
const AIM_OF_SPEED = { unpatched: 4, patched: 10 };

const LABEL_WIDTH = 44;
const CELL_WIDTH = 12;

/** Returns the result lines of one engine: growth, speed against the reference, and disk space. */
export function resultLines(measured: Measured): readonly string[] {
  const { databases } = measured;
  const sizes = databases.map(({ size }) => size);
  return [
    lineOf('layers', [...sizes.map(formatted), 'growth']),
    lineOf(
      '  images',
      databases.map(({ built }) => formatted(built.images)),
    ),
    lineOf(
      '  on the same base',
      databases.map(({ built }) => formatted(built.imagesOnFirst)),
    ),
    `milliseconds; growth is the last against the first (aim: at most ${AIM_OF_GROWTH} forward, first page)`,
    ...PATCHINGS.flatMap((patching) => growthLines(measured, `report, ${patching} image`)),
    ...growthLines(measured, 'first page of layers, base package'),
    ...growthLines(measured, 'first page of layers, other package'),
    ...growthLines(measured, 'first page of images, base package'),
    ...growthLines(measured, 'first page of images, other package'),
    ...growthLines(measured, 'insert a layer'),
    ...growthLines(measured, 'add a manual vulnerability'),
    ...growthLines(measured, 'apply a change'),
    ...growthLines(measured, 'plan its notification'),
    growthLine(measured, 'all pages of layers, other package', 0.5),
    lineOf(
      '  layers in it',
      sizes.map((size) => formatted(measured.introducing.get(size) ?? 0)),
    ),
    'matches of a layer against the reference, p50',
    ...PATCHINGS.flatMap((patching) => referenceLines(measured, patching)),
    'on disk, with indexes',
    ...sizeLines(measured),
    lineOf(
      '  layers built a second',
      databases.map(({ built }) => formatted((built.layers / built.milliseconds) * 1000)),
    ),
  ];
}

/** Returns the PostgreSQL times as multiples of the SQLite times, if both engines were measured. */
export function ratioLines({ sqlite = {}, postgres = {} }: Record<string, Record<string, number>>): readonly string[] {
  const lines = Object.entries(postgres).flatMap(([what, time]) => {
    const other = sqlite[what];
    return other === undefined ? [] : [lineOf(`  ${what}`, [(time / other).toFixed(2)])];
  });
  return lines.length === 0 ? [] : [`PostgreSQL against SQLite, p50 (aim: at most ${AIM_OF_ENGINES})`, ...lines];
}

function growthLines(measured: Measured, what: string): readonly string[] {
  return [growthLine(measured, what, 0.5), growthLine(measured, what, 0.99)];
}

function growthLine({ databases, timings }: Measured, what: string, share: number): string {
  const times = databases.map(({ size }) => timings.percentile(what, size, share));
  const growth = (times.at(-1) ?? Number.NaN) / (times[0] ?? Number.NaN);
  return lineOf(`  ${what}, p${share * 100}`, [...times.map((time) => time.toFixed(2)), growth.toFixed(2)]);
}

function referenceLines({ databases, timings }: Measured, patching: (typeof PATCHINGS)[number]): readonly string[] {
  const median = (what: string, size: number): number => timings.percentile(what, size, 0.5);
  const cells = (cell: (size: number) => string): readonly string[] => databases.map(({ size }) => cell(size));
  const times = (form: string): string =>
    lineOf(
      `  ${patching}, times the speed, ${form}`,
      cells((size) => (median(`reference ${patching} ${form}`, size) / median(`matches ${patching}`, size)).toFixed(1)),
    );
  const ofReference = (form: string): string =>
    lineOf(
      `    reference, ${form}`,
      cells((size) => median(`reference ${patching} ${form}`, size).toFixed(2)),
    );
  return [
    `${times('texts at once')}  (aim: ${AIM_OF_SPEED[patching]})`,
    times('texts of matches'),
    lineOf(
      '    Clair',
      cells((size) => median(`matches ${patching}`, size).toFixed(2)),
    ),
    ofReference('texts at once'),
    ofReference('texts of matches'),
    ...(patching === 'unpatched'
      ? [
          lineOf(
            '    reference, all images again (s)',
            databases.map(({ size, built }) =>
              ((median(`reference ${patching} texts at once`, size) * built.images) / 1000).toFixed(1),
            ),
          ),
        ]
      : []),
  ];
}

function sizeLines({ databases, tables }: Measured): readonly string[] {
  const bytes = (size: number, isCounted: (table: string) => boolean): number =>
    (tables.get(size) ?? []).filter(({ table }) => isCounted(table)).reduce((sum, each) => sum + each.bytes, 0);
  const isOfLayers = (table: string): boolean => TABLES_OF_LAYERS.has(table);
  const rows = (size: number, name: string): number =>
    (tables.get(size) ?? []).find(({ table }) => table === name)?.rows ?? 0;
  return [
    lineOf(
      '  bytes a layer',
      databases.map(({ size }) => formatted(bytes(size, isOfLayers) / size)),
    ),
    lineOf(
      '  of which layer contents',
      databases.map(({ size }) => formatted(bytes(size, (table) => table === 'layer_contents') / size)),
    ),
    lineOf(
      '  MB of layers',
      databases.map(({ size }) => formatted(bytes(size, isOfLayers) / 1e6)),
    ),
    lineOf(
      '  MB of everything else',
      databases.map(({ size }) => formatted(bytes(size, (table) => !isOfLayers(table)) / 1e6)),
    ),
    lineOf(
      '  differences',
      databases.map(({ size }) => formatted(rows(size, 'layer_feature'))),
    ),
    lineOf(
      '  vulnerabilities',
      databases.map(({ size }) => formatted(rows(size, 'vulnerability'))),
    ),
    lineOf(
      '  ranges',
      databases.map(({ size }) => formatted(rows(size, 'affected'))),
    ),
  ];
}

function lineOf(label: string, cells: readonly string[]): string {
  return label.padEnd(LABEL_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
}

function formatted(value: number): string {
  return Math.round(value).toLocaleString('en');
}
