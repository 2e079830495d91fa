import { describe, expect, it } from 'vitest';
import { enterpriseProduct } from './products.ts';

describe('a SUSE product', () => {
  it.each([
    ['SUSE Linux Enterprise Server 15', 'sles:15'],
    ['SUSE Linux Enterprise Server 15 SP4', 'sles:15.4'],
    ['SUSE Linux Enterprise Server 16.0', 'sles:16.0'],
    ['SUSE Linux Enterprise Server 12 SP5', 'sles:12.5'],
    ['SUSE Linux Enterprise Desktop 15 SP3', 'sles:15.3'],
    ['SUSE Linux Enterprise High Performance Computing 12 SP5', 'sles:12.5'],
    ['SUSE Linux Enterprise Module for Basesystem 15 SP5', 'sles:15.5'],
    ['SUSE Linux Enterprise Module for Basesystem 15', 'sles:15'],
    ['SUSE Linux Enterprise Workstation Extension 15 SP2', 'sles:15.2'],
    ['SUSE Linux Enterprise Real Time 12 SP5', 'sles:12.5'],
    ['SUSE Package Hub 15 SP4', 'sles:15.4'],
    ['SUSE Linux Enterprise Server 10 SP4 for IBM POWER', 'sles:10.4'],
    ['sles10-sp4', 'sles:10.4'],
    ['sles10-sp4-sdk', 'sles:10.4'],
    ['SUSE Linux Enterprise Micro 5.3', 'sle-micro:5.3'],
    ['SUSE Linux Enterprise Micro for Rancher 5.2', 'sle-micro:5.2'],
    ['SUSE Linux Micro 6.0', 'sl-micro:6.0'],
  ])('%s is %s', (product, namespace) => {
    expect(enterpriseProduct(product)).toEqual({ namespace });
  });

  it.each([
    ['SUSE Linux Enterprise Server 15-LTSS', 'sles:15'],
    ['SUSE Linux Enterprise Server 12 SP3-LTSS', 'sles:12.3'],
    ['SUSE Linux Enterprise Server 12 SP4-ESPOS', 'sles:12.4'],
    ['SUSE Linux Enterprise Server 12 SP2-BCL', 'sles:12.2'],
    ['SUSE Linux Enterprise Server LTSS Extended Security 12 SP5', 'sles:12.5'],
    ['SUSE Linux Enterprise Server for SAP Applications 15 SP4', 'sles:15.4'],
    ['SUSE Linux Enterprise Teradata 10 SP3 for AMD64 and Intel EM64T', 'sles:10.3'],
  ])('%s is %s, for subscribers', (product, namespace) => {
    expect(enterpriseProduct(product)).toEqual({ namespace, isForSubscribers: true });
  });

  it.each([
    'SUSE Manager Server 4.1',
    'SUSE Manager Retail Branch Server 4.3',
    'SUSE Linux Enterprise Module for SUSE Manager Server 4.3',
    'SUSE Enterprise Storage 7.1',
    'SUSE Linux Enterprise Storage 7',
    'SUSE OpenStack Cloud 9',
    'SUSE CaaS Platform 4.0',
    'Open Enterprise Server 24.4',
    'HPE Helion OpenStack 8',
  ])('%s has no release of its own', (product) => {
    expect(enterpriseProduct(product)).toEqual({});
  });

  it('rejects a very long name in bounded time', () => {
    expect(enterpriseProduct(`SUSE Linux Enterprise ${'Server '.repeat(100_000)}15`)).toBeUndefined();
  });

  it.each(['SUSE Linux Enterprise Toaster', 'SLE SDK 10 SP4 for x86', 'core9', 'openSUSE Leap 15.3', ''])(
    '"%s" is unknown',
    (product) => {
      expect(enterpriseProduct(product)).toBeUndefined();
    },
  );
});
