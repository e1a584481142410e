import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { replaceNumbers, searchedDigits, traceOf } from './numbers-in-text.ts'

const BERLIN = { defaultCountry: 'DE', dialOutPrefixes: ['9'] }
const DIGITS = '493012345678'
const search = { plan: BERLIN, tokenOf: (digits: string) => (digits === DIGITS ? 'gone' : null) }
const replaced = (text: string) => replaceNumbers(text, search)

describe('a number in a text', () => {
  const forms = [
    ['+493012345678', 'gone'],
    ['493012345678', 'gone'],
    ['00493012345678', 'gone'],
    ['03012345678', 'gone'],
    ['903012345678', 'gone'],
    ['+49 30 12345678', 'gone'],
    ['+49 (0)30 1234-5678', 'gone'],
    ['(030) 123 456 78', '(gone'],
    ['sip:03012345678@pbx.example', 'sip:gone@pbx.example'],
    ['a=1&from=%2B493012345678&b=2', 'a=1&from=%2Bgone&b=2'],
    ['call%20from%2003012345678', 'call%20from%20gone'],
    ['{"from":"\\u002b493012345678"}', '{"from":"\\u002bgone"}'],
    ['2024-01-15 03012345678', '2024-01-15 gone'],
    ['1705328928.77-03012345678-x', '1705328928.77-gone-x'],
    ['20240115142848493012345678', '20240115142848gone'],
    ['+493012345678, 03012345678', 'gone, gone'],
    ['493012345678493012345678', 'gonegone'],
  ] as const
  for (const [text, expected] of forms) it(`is found in ${text}`, () => assert.equal(replaced(text), expected))

  const others = ['+4930123456789', '+49301234567', '4930123456780', '+1 493 012 3456', '', 'no digits', '12345678']
  for (const text of others) it(`is not in ${text || 'nothing'}`, () => assert.equal(replaced(text), text))

  it('is looked for by 7 to 15 digits', () => {
    assert.equal(searchedDigits('030 1234 5678', BERLIN), DIGITS)
    assert.equal(searchedDigits('+493012345678', { defaultCountry: null, dialOutPrefixes: [] }), DIGITS)
    assert.equal(searchedDigits('1234567', { defaultCountry: null, dialOutPrefixes: [] }), '1234567')
    for (const written of ['123456', '1234567890123456', 'alice', 'anonymous', ''])
      assert.equal(searchedDigits(written, { defaultCountry: null, dialOutPrefixes: [] }), null, written)
  })

  it('leaves its trace in every text that holds it', () => {
    const trace = traceOf(DIGITS)
    for (const [text] of forms) assert.match(text, trace)
    const piece = fc.constantFrom('+', '49', '30', '030', '1234', '5678', '12345678', ' ', '-', '(0)', '/', '%20', 'x')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join('')
        if (replaced(text) !== text) assert.match(text, trace)
        assert.equal(replaced(replaced(text)), replaced(text), 'a second look finds nothing')
      }),
      { numRuns: 2000 },
    )
  })
})
