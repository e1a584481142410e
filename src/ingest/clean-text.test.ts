import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cleanText, displayName } from './clean-text.ts'

describe('cleanText', () => {
  const cases: { given: unknown; kept: string | null; because: string }[] = [
    { given: ' +44 20 ', kept: '+44 20', because: 'outer blanks are none of it' },
    { given: '   ', kept: null, because: 'blanks alone say nothing' },
    { given: '', kept: null, because: 'switches write nothing for not known' },
    { given: 7, kept: null, because: 'only text is text' },
    { given: 'a\u0000b', kept: 'ab', because: 'no store keeps U+0000' },
    { given: 'a\ud800b', kept: 'a\ufffdb', because: 'half a surrogate pair cannot be written as UTF-8' },
    { given: 'x'.repeat(20), kept: 'xxxxxxxx', because: 'a longer one is cut' },
    { given: `${'x'.repeat(7)}😀`, kept: 'xxxxxxx\ufffd', because: 'a cut through a pair leaves no half' },
  ]
  for (const { given, kept, because } of cases) {
    it(`makes ${JSON.stringify(given)} ${JSON.stringify(kept)}: ${because}`, () => {
      assert.equal(cleanText(given, 8), kept)
    })
  }
})

describe('displayName', () => {
  it("undoes SIP's quoted pairs", () => assert.equal(displayName('Zoë \\"Z\\" Müller', '+44'), 'Zoë "Z" Müller'))
  it('is null where the switch repeats the number', () =>
    assert.equal(displayName('+442079460018', '+442079460018'), null))
  it('is null where there is none', () => assert.equal(displayName(null, '+44'), null))
})
