import { type JsonObject, objectOf, objectsOf, textOf } from '../../../model/json-values.ts';
import type { StatedComponent, StatedStatus, WrittenStatement } from '../sbom-statements.ts';
import { cutText, MAX_NAMES, MAX_REFERENCES, timeOf } from './statement-bounds.ts';

/**
 * Returns the VEX statement of a vulnerability in CycloneDX; undefined for a scanner's finding without a statement.
 *
 * @param number the number of the vulnerability in the document, from 1
 */
export function cyclonedxStatement(value: JsonObject, number: number): WrittenStatement | undefined {
  const { id, references, analysis, affects } = value;
  const { state, justification, detail, lastUpdated, firstIssued } = objectOf(analysis);
  const status = STATES.get(textOf(state));
  if (status === undefined) return undefined;
  const names = [textOf(id), ...objectsOf(references).map((each) => textOf(each['id']))];
  const code = textOf(justification);
  return {
    place: `vulnerability ${number}`,
    ids: [
      ...new Set(
        names
          .slice(0, MAX_NAMES)
          .filter((name) => name !== '')
          .map(cutText),
      ),
    ],
    status,
    justification: code === '' ? null : (JUSTIFICATIONS.get(code) ?? cutText(code)),
    reason: cutText(textOf(detail)),
    timestamp: timeOf(textOf(lastUpdated) || textOf(firstIssued)),
    affects: objectsOf(affects).slice(0, MAX_REFERENCES).map(statedComponent),
  };
}

function statedComponent({ ref, versions }: JsonObject): StatedComponent {
  const listed = objectsOf(versions).slice(0, MAX_REFERENCES);
  return {
    ref: textOf(ref),
    versions: listed.map(({ version, status }) => ({ version: textOf(version), status: textOf(status) || 'affected' })),
  };
}

const STATES: ReadonlyMap<string, StatedStatus> = new Map([
  ['not_affected', 'not_affected'],
  ['false_positive', 'false_positive'],
  ['resolved', 'resolved'],
  ['resolved_with_pedigree', 'resolved'],
  ['exploitable', 'exploitable'],
  ['in_triage', 'in_triage'],
]);

/** Maps CycloneDX justifications to the equivalent OpenVEX justifications, which Clair uses. */
const JUSTIFICATIONS: ReadonlyMap<string, string> = new Map([
  ['code_not_present', 'vulnerable_code_not_present'],
  ['code_not_reachable', 'vulnerable_code_not_in_execute_path'],
  ['protected_by_mitigating_control', 'inline_mitigations_already_exist'],
]);
