import type { FileRule } from '../../model/advisories/file-rule.ts';

/** A rule with a path that features have, and a path that no feature has. */
export const FILE_RULE: FileRule = {
  id: 'RULE-7',
  when: 'present',
  paths: ['file-1', 'file-new'],
  severity: 'Low',
  description: '',
  link: '',
};
