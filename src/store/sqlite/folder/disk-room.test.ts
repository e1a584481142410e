import assert from 'node:assert/strict'
import { it } from 'node:test'
import { bytesLeftFree } from './disk-room.ts'

const MIB = 1024 * 1024
for (const { diskMib, leftMib, because } of [
  { diskMib: 8, leftMib: 0.4, because: 'a small disk is of use too' },
  { diskMib: 1280, leftMib: 64, because: 'a twentieth is 64 MiB' },
  { diskMib: 1_000_000, leftMib: 64, because: 'that is enough for any group' },
])
  it(`${leftMib} MiB of ${diskMib} MiB are left free: ${because}`, () => {
    assert.equal(bytesLeftFree(diskMib * MIB), Math.floor(leftMib * MIB))
  })
