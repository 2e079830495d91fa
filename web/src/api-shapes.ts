import type { LayerOrigin } from '../../src/model/report.ts';
import type { Severity } from '../../src/model/severity.ts';
import type { SourceSummary } from '../../src/model/source-summary.ts';
import type { Status } from '../../src/model/status.ts';

/** What the API answers beside the report, whose shape is that of the model. */
export type ApiFault = { readonly code: string; readonly message: string; readonly remedy: string };

/** An image on its way from being submitted to being known. */
export type Submission = {
  readonly id: string;
  readonly target: string;
  readonly platform: string | null;
  readonly state: 'queued' | 'reading' | 'done' | 'failed';
  readonly layers: { readonly total: number; readonly done: number; readonly known: number };
  readonly images: readonly string[];
  readonly error: ApiFault | null;
};

export type ImageSummary = {
  readonly digest: string;
  readonly reference: string;
  readonly platform: string;
  readonly distribution: string | { readonly prettyName: string } | null;
  readonly scannedAt: string;
  readonly layers: number;
  readonly packages: number;
  readonly severities: Partial<Readonly<Record<Severity, number>>>;
  readonly fixable: number;
  readonly kev: number;
  readonly isIncomplete: boolean;
  readonly problems: number;
};

export type ImageList = { readonly images: readonly ImageSummary[]; readonly nextPage?: string | null };

export type GraphPackage = { readonly name: string; readonly version: string };

export type GraphFinding = {
  readonly vulnerability: string;
  readonly package: string;
  readonly version: string;
  readonly severity: Severity;
  readonly status: Status;
};

export type GraphLayer = {
  readonly index: number;
  readonly createdBy: string;
  readonly origin: LayerOrigin;
  readonly size: number | null;
  readonly added: readonly GraphPackage[];
  readonly removed: readonly GraphPackage[];
  readonly brings: readonly GraphFinding[];
  readonly repairs: readonly GraphFinding[];
};

export type ImageGraph = { readonly layers: readonly GraphLayer[] };

export type SourceRow = SourceSummary & { readonly state: string; readonly holds: string | null };

export type ServerStatus = {
  readonly version: string;
  readonly queue: { readonly queued: number; readonly reading: number };
};
