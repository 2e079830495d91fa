import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sparseMember, tarMember, tarOf } from '../../bytes/testing/tar-builder.ts';
import { digestOfHex } from '../../model/digest.ts';
import { DETECTORS } from '../detectors/index.ts';
