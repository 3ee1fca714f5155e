// Writes the cases of `money`, `number`, `dateTime` and `plural` as ECMA-402 (here: Node's ICU) answers them.
//
//     node crates/engine/testdata/display/make.mjs [folder]
//
// The files are committed; a test makes them anew where there is a Node with the ICU version they were made with.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? import.meta.dirname ?? ".";

const locales = [
  "en-GB", "en-US", "en-IN", "de-DE", "de-AT", "de-CH", "fr-FR", "fr-CH", "es-ES", "es-MX", "pt-PT", "pt-BR", "it-IT",
  "nl-NL", "pl-PL", "cs-CZ", "sv-SE", "da-DK", "nb-NO", "fi-FI", "tr-TR", "ru-RU", "uk-UA", "el-GR", "he-IL", "ar-EG",
  "hi-IN", "th-TH", "ja-JP", "ko-KR", "zh-CN", "zh-TW",
];

/** ISO 4217, independent of what ICU shows. */
const exponent = { JPY: 0, KRW: 0, KWD: 3, BHD: 3, IQD: 3, CLF: 4, ISK: 0 };

/** Decimal text of an amount of minor units: the point moved by text, never by arithmetic. */
function major(minor, digits) {
  const text = String(minor);
  const negative = text.startsWith("-");
  const padded = text.replace("-", "").padStart(digits + 1, "0");
  const point = padded.length - digits;
  return (negative ? "-" : "") + padded.slice(0, point) + (digits > 0 ? "." + padded.slice(point) : "");
}

const money = [];
for (const locale of locales) {
  for (const currency of ["EUR", "USD", "GBP", "CHF", "JPY", "KWD", "PLN", "SEK", "INR", "IQD", "XTS"]) {
    const digits = exponent[currency] ?? 2;
    const format = new Intl.NumberFormat(locale, {
      style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
    });
    const amounts = currency === "EUR"
      ? [0, 1, -1, 1999, 100000, 123456, 1234567, -123456789, "900719925474099312345", "-0"]
      : [1999, -123456, 123456789];
    for (const minor of amounts) {
      money.push({ args: [minor, currency, locale], expect: format.format(major(minor, digits)) });
    }
  }
}

const number = [];
for (const locale of locales) {
  const options = [
    undefined,
    { maximumFractionDigits: 1 },
    { maximumFractionDigits: 0 },
    { minimumFractionDigits: 2 },
    { minimumFractionDigits: 2, maximumFractionDigits: 4 },
    { style: "percent" },
    { style: "percent", maximumFractionDigits: 1 },
  ];
  for (const option of options) {
    const format = new Intl.NumberFormat(locale, option);
    for (const value of [0, 4.5, -0.25, 1234, 12345.678, -1234567.891, 1.005, 0.0004, 1e21, 2.5, 0.125]) {
      number.push({ args: option ? [value, locale, option] : [value, locale], expect: format.format(value) });
    }
  }
}

const dateTime = [];
const moments = ["2026-09-05T10:00:00Z", "2026-03-01T23:05:09+01:00", "2024-12-31T23:59:59.999Z"];
for (const locale of locales) {
  for (const date of [undefined, "short", "medium", "long", "full"]) {
    for (const time of [undefined, "short", "medium", "long", "full"]) {
      if (!date && !time) continue;
      for (const timeZone of ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]) {
        if (timeZone !== "Europe/Berlin" && (locale !== "en-GB" || (date && date !== "medium"))) continue;
        const format = new Intl.DateTimeFormat(locale, { dateStyle: date, timeStyle: time, timeZone });
        for (const moment of moments) {
          dateTime.push({
            args: [moment, locale, { ...(date && { date }), ...(time && { time }), timeZone }],
            expect: format.format(new Date(moment)),
          });
        }
      }
    }
  }
}

const plural = [];
const forms = { zero: "zero #", one: "one #", two: "two #", few: "few #", many: "many # of #", other: "other #" };
for (const locale of [...locales, "cy-GB", "ga-IE", "lv-LV"]) {
  const rules = new Intl.PluralRules(locale);
  const format = new Intl.NumberFormat(locale);
  for (const count of [0, 1, 2, 3, 5, 11, 12, 21, 22, 100, 101, 1000, 1234567, 1000000, 0.5, 1.5, 1.0005, -1]) {
    const form = forms[rules.select(count)];
    plural.push({ args: [count, locale, forms], expect: form.replaceAll("#", () => format.format(count)) });
  }
}

for (const [name, cases] of Object.entries({ money, number, dateTime, plural })) {
  const lines = cases.map((one) => "    " + JSON.stringify(one)).join(",\n");
  const head = `  "icu": ${JSON.stringify(process.versions.icu)},\n  "cldr": ${JSON.stringify(process.versions.cldr)}`;
  writeFileSync(join(folder, `${name}.json`), `{\n${head},\n  "cases": [\n${lines}\n  ]\n}\n`);
}
