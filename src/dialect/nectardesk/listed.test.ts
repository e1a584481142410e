import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aCall } from '../../../test/support/a-report.ts'
import { uuidOf } from '../../../test/support/varied-calls.ts'
import { defaultSettings } from '../../record/account.ts'
import { recordsText } from '../../store/call-encoder.ts'
import { listed, originalsIn, withOriginalIds } from './listed.ts'
import { presentCall } from './present.ts'

const GIVEN = { settings: defaultSettings('Anybody'), nowUs: Date.UTC(2024, 0, 16) * 1000 }
const cameOf = (original: string | null, note = 'said nothing') =>
  aCall({ center: { original_call_uuid: original, disposition: { id: 1, code: 'x', note } } })

describe('the items of a list of NectarDesk', () => {
  it('are what the presenter makes of each call, once the ids of originals are put in', () => {
    const tricky = '","original_call_id":"no id" \\ "original_call_id":"neither'
    const calls = [cameOf(uuidOf(2)), cameOf(null, tricky), cameOf(uuidOf(3), tricky), cameOf(uuidOf(2).toUpperCase())]
    const items = recordsText(calls, listed(GIVEN))
    assert.deepEqual(originalsIn(items), [uuidOf(2), uuidOf(3), uuidOf(2)])
    const originalIds = new Map([[uuidOf(2), 77]])
    const shown = JSON.parse(`[${withOriginalIds(items, originalIds).slice(0, -1)}]`)
    assert.deepEqual(
      shown,
      calls.map((call) => presentCall(call, { ...GIVEN, originalIds })),
    )
    assert.deepEqual(
      Object.keys(shown[0] ?? {}),
      Object.keys(presentCall(calls[0] as never, { ...GIVEN, originalIds })),
    )
  })
})
