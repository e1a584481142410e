import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { countryOf, type NumberingPlan, normalizeNumber, searchForms } from './phone.ts'

function aPlan(defaultCountry: string | null, ...dialOutPrefixes: string[]): NumberingPlan {
  return { defaultCountry, dialOutPrefixes }
}

const NONE = aPlan(null)
const US = aPlan('US')
const GB = aPlan('GB')
const DE = aPlan('DE')

describe('normalizeNumber', () => {
  const cases: [asSent: string, plan: NumberingPlan, number: string, because: string][] = [
    ['+12025551234', NONE, '+12025551234', 'it is E.164 already'],
    [' +1 (202) 555-1234 ', NONE, '+12025551234', 'punctuation is not part of it'],
    ['+49 30/1234567', NONE, '+49301234567', 'a slash is punctuation'],
    ['+44.20.7946.0003', NONE, '+442079460003', 'a dot is punctuation'],
    ['\u202a+44\u00a020\u20117946\u20110003\u202c', NONE, '+442079460003', 'copied text has invisible marks'],
    ['+44 (0)20 7946 0003', NONE, '+442079460003', 'the national prefix does not follow a calling code'],
    ['+7 800 555 35 35', NONE, '+78005553535', 'an 8 that belongs to the number is no national prefix'],
    ['+39 06 12345678', NONE, '+390612345678', 'an Italian 0 belongs to the number'],
    ['+15551234567', NONE, '+15551234567', 'a fictional number is a number'],
    ['+1234', NONE, '+1234', 'a + makes it international, however short'],
    ['+99912345678', NONE, '+99912345678', 'no country has it, but it was sent'],

    ['2025551234', US, '+12025551234', 'ten digits are national in the US'],
    ['12025551234', US, '+12025551234', '1 is the national prefix'],
    ['(202) 555-1234', US, '+12025551234', 'punctuation is not part of it'],
    ['2025551234', NONE, '2025551234', 'without a country nobody knows: this is no E.164 either'],
    ['2025551234', aPlan('XX'), '2025551234', 'an unknown country reads nothing'],
    ['02079460003', GB, '+442079460003', '0 is the national prefix'],
    ['2079460003', GB, '+442079460003', 'some leave the national prefix out'],
    ['0301234567', DE, '+49301234567', '0 is the national prefix'],
    ['612345678', aPlan('ES'), '+34612345678', 'Spain has no national prefix'],
    ['0612345678', aPlan('IT'), '+390612345678', 'an Italian 0 belongs to the number'],
    ['0 15 11 98765 4321', aPlan('BR'), '+5511987654321', 'a carrier code is no part of it'],
    ['89161234567', aPlan('RU'), '+79161234567', 'the national prefix may be 8'],
    ['5551234567', US, '+15551234567', 'a fictional number fits the general pattern'],
    ['0000000000', US, '0000000000', 'nothing in the US begins with 0'],
    ['5551234', US, '5551234', 'a local number lacks its area'],

    ['0012025551234', US, '+12025551234', '00 is international anywhere'],
    ['0012025551234', NONE, '+12025551234', '00 is international anywhere'],
    ['00442079460003', DE, '+442079460003', '00 is the international prefix'],
    ['0044 (0)20 7946 0003', DE, '+442079460003', 'both mistakes at once'],
    ['011442079460003', US, '+442079460003', '011 is the international prefix of the US'],
    ['011442079460003', NONE, '+442079460003', '011 with a valid number behind it'],
    ['01132960003', GB, '+441132960003', '011 is an area code in Britain'],
    ['0112345678', aPlan('IT'), '+390112345678', '011 is Turin in Italy'],
    ['0011442079460003', aPlan('AU'), '+442079460003', 'Australia dials 0011'],
    ['810442079460003', aPlan('RU'), '+442079460003', 'Russia dials 810'],
    ['00112025551234', aPlan('HK'), '+12025551234', '001 is a carrier in Hong Kong'],

    ['12604109832', NONE, '+12604109832', 'E.164 sent as an integer'],
    ['12604109832', GB, '+12604109832', 'E.164 sent as an integer, abroad'],
    ['919902443540', US, '+919902443540', 'E.164 sent as an integer, from abroad'],
    ['442079460003', GB, '+442079460003', 'E.164 sent as an integer, of the country'],
    ['4915112345678', DE, '+4915112345678', 'also where any digits make a national number'],
    ['6512345678', US, '+16512345678', 'a valid national number wins over +65 1234 5678'],
    ['9198765432', aPlan('IN'), '+919198765432', 'a national number may begin with its own calling code'],

    ['912025551234', aPlan('US', '9'), '+12025551234', 'not +91 20 2555 1234: the account dials 9 to get out'],
    ['92025551234', aPlan('US', '9'), '+12025551234', 'the same without the 1'],
    ['9011442079460003', aPlan('US', '9'), '+442079460003', 'international behind the 9'],
    ['9175551234', aPlan('US', '9'), '+19175551234', 'an area code may begin with 9'],
    ['917555123456', aPlan(null, '9'), '+917555123456', 'without a country the + alone was left out'],
    ['902079460003', aPlan('GB', '9'), '+442079460003', '9 and then as one dials'],
    ['00301234567', aPlan('DE', '0'), '+49301234567', '0 to get out, then as one dials'],
    ['00442079460003', aPlan('DE', '0'), '+442079460003', 'a valid international number comes first'],
    ['99902079460003', aPlan('GB', '9', '999'), '+442079460003', 'the longest prefix that leads somewhere'],
    ['*92025551234', aPlan('US', '*9'), '+12025551234', 'a prefix may have a star'],
    ['9123456', aPlan('US', '9'), '9123456', 'an extension behind the prefix is not a number'],

    ['1001', DE, '1001', 'four digits are an extension'],
    ['112', GB, '112', 'and so is an emergency number'],
    ['123456', DE, '123456', 'six digits are an extension'],
    ['12 34 56', DE, '123456', 'and stay one without the blanks'],
    ['', US, '', 'nothing is nothing'],
    ['   ', US, '', 'blanks are nothing'],
    ['---', US, '---', 'dashes are no number'],
    ['anonymous', US, 'anonymous', 'a word stays'],
    [' Restricted ', US, 'Restricted', 'a word is trimmed'],
    ['alice.smith', US, 'alice.smith', 'a SIP user keeps its dots'],
    ['agent-7', US, 'agent-7', 'a SIP user keeps its dashes'],
    ['*98', US, '*98', 'a feature code stays'],
    ['#31#2025551234', US, '#31#2025551234', 'a code that nobody listed stays'],
    ['+1202555CALL', US, '+1202555CALL', 'letters are not read as digits'],
    ['+', US, '+', 'a + is no number'],
    ['++12025551234', US, '++12025551234', 'two are none either'],
    [
      '\u0661\u0662\u0663\u0664\u0665\u0666\u0667',
      US,
      '\u0661\u0662\u0663\u0664\u0665\u0666\u0667',
      'digits are ASCII',
    ],

    ['sip:+12025551234@sip.example.com;user=phone', NONE, '+12025551234', 'of a URI the user counts'],
    ['sips:+12025551234;npdi@sip.example.com:5061', NONE, '+12025551234', 'parameters of the user do not'],
    ['SIP:%2B12025551234@sip.example.com', NONE, '+12025551234', 'a + may be escaped'],
    ['sip:2025551234:secret@sip.example.com', US, '+12025551234', 'nor does a password'],
    ['"Zoë" <sip:+12025551234@sip.example.com>;tag=1', NONE, '+12025551234', 'nor a name'],
    ['tel:+1-202-555-1234;ext=5', NONE, '+12025551234', 'a tel URI has no host'],
    ['+12025551234@sip.example.com', NONE, '+12025551234', 'the scheme may be missing'],
    ['sip:102@192.168.0.18:5066', US, '102', 'the user may be an extension'],
    ['sip:alice@example.com', US, 'alice', 'or a name'],
    ['sip:102', US, '102', 'or stand alone'],
    ['sip:example.com', US, 'sip:example.com', 'a host is no user'],
    ['sip:192.168.0.18:5060', US, 'sip:192.168.0.18:5060', 'an address is no number'],
    ['sip:@example.com', US, 'sip:@example.com', 'nobody is no user'],
    ['alice@example.com', US, 'alice@example.com', 'an address without scheme stays'],
  ]
  for (const [asSent, plan, number, because] of cases) {
    const dialOut = plan.dialOutPrefixes.length === 0 ? '' : `, ${plan.dialOutPrefixes.join(' or ')} to get out`
    it(`'${asSent}' (${plan.defaultCountry ?? 'no country'}${dialOut}) is '${number}': ${because}`, () => {
      assert.equal(normalizeNumber(asSent, plan), number)
      assert.equal(normalizeNumber(number, plan), number)
    })
  }

  const plans = fc.record({
    defaultCountry: fc.option(fc.constantFrom('XX', ...getCountries())),
    dialOutPrefixes: fc.array(fc.stringMatching(/^[0-9*#]{1,3}$/), { maxLength: 3 }),
  })
  const written = fc.oneof(
    fc.string({ maxLength: 1000, unit: 'binary' }),
    fc.stringMatching(/^\+?[0-9]{0,18}$/),
    fc.stringMatching(/^[-+0-9 ().*#/]{0,24}$/),
    fc.stringMatching(/^("[a-z]*" )?<?(sip|sips|tel):[-+0-9a-z%:;<>@.]{0,24}>?$/),
  )

  it('changes nothing the second time, and never throws', () => {
    fc.assert(
      fc.property(written, plans, (asSent, plan) => {
        const number = normalizeNumber(asSent, plan)
        assert.equal(normalizeNumber(number, plan), number)
        countryOf(number)
        assert.equal(searchForms(asSent, plan)[0] ?? '', number)
      }),
      { numRuns: 2000 },
    )
  })

  it('answers the same before and after it has forgotten', () => {
    const nth = (n: number) => `20255${String(n).padStart(5, '0')}`
    for (let n = 0; n < 40_000; n++) assert.equal(normalizeNumber(nth(n), US), `+1${nth(n)}`)
    for (let n = 0; n < 40_000; n += 997) assert.equal(normalizeNumber(nth(n), US), `+1${nth(n)}`)
    assert.equal(normalizeNumber(nth(1), NONE), nth(1))
  })
})

describe('countryOf', () => {
  const cases: [number: string, country: string | null, because: string][] = [
    ['+12025551234', 'US', 'Washington'],
    ['+14165551234', 'CA', 'Toronto'],
    ['+17875551234', 'PR', 'Puerto Rico'],
    ['+18005551234', 'US', 'toll-free numbers are of all +1, so of its main country'],
    ['+15551234567', 'US', 'nobody has area 555'],
    ['+14161551234', 'CA', 'the area code decides, the exchange need not exist'],
    ['+1202555', 'US', 'the area code decides, the rest may be missing'],
    ['+1999', 'US', 'nobody has area 999'],
    ['+442079460003', 'GB', 'London'],
    ['+441534123456', 'JE', 'Jersey shares +44'],
    ['+447624123456', 'IM', 'the Isle of Man shares +44'],
    ['+79161234567', 'RU', 'Moscow'],
    ['+77011234567', 'KZ', 'Kazakhstan shares +7'],
    ['+390669812345', 'VA', 'the Vatican shares +39'],
    ['+4930123456', 'DE', 'one country has +49'],
    ['+919902443540', 'IN', 'one country has +91'],
    ['+35811', 'FI', 'of no known range: the main country'],
    ['+80012345678', null, 'international toll-free numbers have no country'],
    ['+882161234567', null, 'neither have satellite networks'],
    ['+99912345678', null, 'nobody has +999'],
    ['+0012345678', null, 'no calling code begins with 0'],
    ['+44', null, 'a calling code is no number'],
    ['+', null, 'a + is no number'],
    ['12025551234', null, 'it has no +'],
    ['1001', null, 'an extension has no country'],
    ['+1202555CALL', null, 'letters are no number'],
    ['anonymous', null, 'a word has no country'],
    ['', null, 'nothing has no country'],
  ]
  for (const [number, country, because] of cases) {
    it(`'${number}' is of ${country}: ${because}`, () => assert.equal(countryOf(number), country))
  }
})

describe("libphonenumber's own parser", () => {
  const changes = fc.array(fc.tuple(fc.nat(14), fc.nat(9)), { maxLength: 4 })

  /** Numbers of a country, most of them valid: its example with some digits changed. */
  function withChanges(digits: string, changed: [number, number][]): string {
    const changedDigits = [...digits]
    for (const [at, digit] of changed) changedDigits[at % digits.length] = String(digit)
    return changedDigits.join('')
  }

  it('reads the same from every valid number of every country, and finds the same country', () => {
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples)
      assert(example)
      const plan = aPlan(country)
      fc.assert(
        fc.property(changes, (changed) => {
          const plus = `+${example.countryCallingCode}${withChanges(example.nationalNumber, changed)}`
          const parsed = parsePhoneNumberFromString(plus)
          fc.pre(parsed?.isValid() === true)
          const number = parsed?.number as string
          assert.equal(normalizeNumber(plus, plan), number)
          assert.equal(countryOf(number), parsed?.country)
          assert.equal(normalizeNumber(`00${number.slice(1)}`, NONE), number)
          assert.equal(normalizeNumber(number.slice(1), NONE), number)
          const dialled = parsed?.formatNational().replace(/\D/g, '') ?? ''
          const athome = parsePhoneNumberFromString(dialled, country)
          if (dialled.length > 6 && athome?.isValid()) assert.equal(normalizeNumber(dialled, plan), athome.number)
        }),
        { numRuns: 20 },
      )
    }
  })
})

describe('searchForms', () => {
  const cases: [written: string, plan: NumberingPlan, forms: string[]][] = [
    ['+1 (202) 555-1234', NONE, ['+12025551234', '+1 (202) 555-1234']],
    ['0012025551234', US, ['+12025551234', '0012025551234']],
    ['2025551234', US, ['+12025551234', '2025551234']],
    ['(202) 555-1234', US, ['+12025551234', '2025551234', '(202) 555-1234']],
    ['+12025551234', US, ['+12025551234']],
    ['1001', US, ['1001']],
    ['anonymous', US, ['anonymous']],
    ['sip:2025551234@example.com', US, ['+12025551234', '2025551234', 'sip:2025551234@example.com']],
    ['sip:alice@example.com', US, ['alice', 'sip:alice@example.com']],
    ['', US, []],
    ['  ', US, []],
  ]
  for (const [written, plan, forms] of cases) {
    it(`of '${written}' are ${forms.join(', ') || 'none'}`, () => assert.deepEqual(searchForms(written, plan), forms))
  }
})
