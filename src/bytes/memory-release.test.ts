import { describe, expect, it } from 'vitest';
import { allocateReturned, createMemoryRelease, ReusedMemory } from './memory-release.ts';

const MEBIBYTE = 1024 ** 2;

describe('the release of memory', () => {
  it('frees the memory at once', () => {
    const release = createMemoryRelease();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 300; count += 1) {
      const bytes = Buffer.allocUnsafeSlow(MEBIBYTE);
      release(bytes.buffer);
      expect(bytes.length).toBe(0);
    }
    // The limit is generous, because other tests in this process can allocate and free buffers.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MEBIBYTE);
  });

  it('ignores empty, freed and shared memory', () => {
    const release = createMemoryRelease();
    const [shared, freed] = [new SharedArrayBuffer(8), new ArrayBuffer(8)];
    for (const memory of [new ArrayBuffer(0), shared, freed, freed]) release(memory);
    expect([shared.byteLength, freed.byteLength]).toEqual([8, 0]);
  });
});

describe('memory that is returned to the system', () => {
  it.each([0, 1, 2 * MEBIBYTE, 40 * MEBIBYTE])('has the size %i', (size) => {
    expect(allocateReturned(size).length).toBe(size);
  });

  it('is a large block only for large buffers', () => {
    expect(allocateReturned(1000).buffer.byteLength).toBe(1000);
    expect(allocateReturned(3 * MEBIBYTE).buffer.byteLength).toBeGreaterThan(32 * MEBIBYTE);
  });
});

describe('memory for one file at a time', () => {
  it('is the same block for small files', () => {
    const memory = new ReusedMemory();
    const first = memory.lend(1000);
    memory.giveBack(first);
    const second = memory.lend(MEBIBYTE);
    expect([first.length, second.length]).toEqual([1000, MEBIBYTE]);
    expect(second.buffer).toBe(first.buffer);
  });

  it('is memory of its own for a larger file, freed when the current task ends', async () => {
    const memory = new ReusedMemory();
    const larger = memory.lend(16 * MEBIBYTE + 1);
    memory.giveBack(larger);
    await Promise.resolve();
    expect(larger.length).toBe(0);
  });

  it.each([
    ['a smaller file', 20, 12, true],
    ['a file of half its size', 24, 12, true],
    ['a larger file that fits', 17, 30, true],
    ['a file of less than half its size', 34, 12, false],
    ['a file that does not fit', 20, 50, false],
  ])('of a larger file is also the memory of %s in the same task', async (_, first, second, isSame) => {
    const memory = new ReusedMemory();
    const before = memory.lend(first * MEBIBYTE);
    const { buffer } = before;
    memory.giveBack(before);
    const after = memory.lend(second * MEBIBYTE);
    expect([after.length, after.buffer === buffer]).toEqual([second * MEBIBYTE, isSame]);
    expect(buffer.byteLength > 0).toBe(isSame);
    await Promise.resolve();
    expect(after.length).toBe(second * MEBIBYTE);
    memory.giveBack(after);
    memory.free();
    expect(after.length).toBe(0);
  });

  it('of up to 16 MiB stays for later files of any size that fit', async () => {
    const memory = new ReusedMemory();
    const before = memory.lend(16 * MEBIBYTE);
    const { buffer } = before;
    memory.giveBack(before);
    await Promise.resolve();
    for (const size of [2 * MEBIBYTE, 16 * MEBIBYTE, 20 * MEBIBYTE]) {
      const after = memory.lend(size);
      expect([after.length, after.buffer === buffer]).toEqual([size, true]);
      memory.giveBack(after);
    }
    await Promise.resolve();
    expect(buffer.byteLength).toBe(0);
  });

  it('is freed at the end, and can be used again', () => {
    const memory = new ReusedMemory();
    memory.free();
    const block = memory.lend(5);
    memory.giveBack(block);
    expect(block.length).toBe(5);
    memory.free();
    expect(block.length).toBe(0);
    expect(memory.lend(0).length).toBe(0);
    expect(memory.lend(7).length).toBe(7);
  });
});
