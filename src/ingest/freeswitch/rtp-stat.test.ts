import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readRtpStat } from './rtp-stat.ts'

describe('readRtpStat', () => {
  it("reads baresip's, captured: received first, then sent", () => {
    const header =
      'EX=BareSip;CS=0;CD=12;PR=599;PS=603;PL=0,1;PD=0,0;JI=0.0,1.5;IP=0.0.0.0:29946,127.0.0.1:31068;EN=PCMU/8000'
    assert.deepEqual(readRtpStat(header), {
      received: { packets: 599, lost: 0, jitterMs: 0 },
      sent: { packets: 603, lost: 1, jitterMs: 1.5 },
      rttMs: null,
    })
  })

  it("reads Cisco's single figures", () => {
    assert.deepEqual(readRtpStat('PS=3775,OS=649300'), {
      received: { packets: null, lost: null, jitterMs: null },
      sent: { packets: 3775, lost: null, jitterMs: null },
      rttMs: null,
    })
    assert.equal(readRtpStat('PS=3775;PR=3775;PL=0;JI=0;LA=4')?.rttMs, 4)
  })

  for (const header of [null, '', 'EX=BareSip', 'PR=many;PS=-1', ';;;=;PL=1,2'])
    it(`is null for ${JSON.stringify(header)}`, () => assert.equal(readRtpStat(header), null))
})
