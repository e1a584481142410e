import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aReport } from '../../../../test/support/a-report.ts'
import { SegmentRig } from '../../../../test/support/segment-rig.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { examineFolder } from './doctor.ts'

const at = (minute: number) => new Date(Date.UTC(2024, 0, 1) + minute * 60_000).toISOString()

/** Three segments of eleven calls, and one that takes new ones. */
function someSegments(): SegmentRig {
  const rig = new SegmentRig({ openCalls: 10, fullCalls: 80, mergeYoung: 50, overallFrom: 50 })
  for (let first = 0; first < 33; first += 11)
    rig.write(
      Array.from({ length: 11 }, (_, n) => {
        const [started_at, ended_at] = [at(first + n), at(first + n + 1)]
        return aReport({ call_uuid: uuidOf(first + n), started_at, answered_at: null, ended_at })
      }),
    )
  return rig
}

describe('a doctor of a folder in use', () => {
  for (const full of [false, true])
    it(`finds no problem where a segment is written anew meanwhile, whenever that is: ${full ? 'full' : 'not full'}`, async () => {
      let steps = 1
      for (let step = 0; step < steps; step += 1) {
        const rig = someSegments()
        try {
          const findings = []
          for (const finding of examineFolder(rig.folder, { full })) {
            if (findings.length === step) assert.ok(await rig.maintenance.vacuum(2))
            findings.push(finding)
          }
          steps = findings.length
          const wrong = findings.filter(({ level }) => level === 'problem')
          assert.deepEqual(wrong, [], `after finding ${step}, ${findings[step]?.what}`)
        } finally {
          rig.remove()
        }
      }
    })
})
