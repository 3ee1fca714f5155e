//! What is known of locales, per thread: layouts, plural rules and formatters, made when first needed.

use std::cell::RefCell;
use std::rc::Rc;

use hashbrown::HashMap;
use icu_decimal::DecimalFormatter;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_experimental::dimension::currency::options::CurrencyFormatterOptions;
use icu_experimental::dimension::percent::formatter::PercentFormatter;
use icu_experimental::dimension::percent::options::PercentFormatterOptions;
use icu_locale_core::Locale;
use icu_plurals::PluralRules;

use super::date_time::{MomentFormatter, Style};
use super::layout::Layout;

/// Beyond so many locales or currencies a cache starts anew: their names may come from clients.
const MOST: usize = 64;

thread_local! {
    static LOCALES: RefCell<HashMap<Box<str>, Rc<LocaleData>>> = RefCell::default();
}

#[derive(Debug)]
pub struct LocaleData {
    locale: Locale,
    number: Rc<Layout>,
    percent: RefCell<Option<Rc<Layout>>>,
    money: RefCell<Vec<(Box<str>, Rc<Layout>)>>,
    plurals: RefCell<Option<Rc<PluralRules>>>,
    moments: RefCell<Vec<(Style, Rc<MomentFormatter>)>>,
}

/// The data of a BCP 47 locale; English if it is none.
pub fn of(locale: &str) -> Rc<LocaleData> {
    LOCALES.with_borrow_mut(|locales| {
        if let Some(data) = locales.get(locale) {
            return Rc::clone(data);
        }
        if locales.len() >= MOST {
            locales.clear();
        }
        let data = Rc::new(LocaleData::new(Locale::try_from_str(locale).unwrap_or_else(|_| english())));
        locales.insert(Box::from(locale), Rc::clone(&data));
        data
    })
}

fn english() -> Locale {
    Locale::try_from_str("en").unwrap_or(Locale::UNKNOWN)
}

impl LocaleData {
    fn new(locale: Locale) -> Self {
        let number = number_layout(&locale);
        Self {
            locale,
            number: Rc::new(number),
            percent: RefCell::default(),
            money: RefCell::default(),
            plurals: RefCell::default(),
            moments: RefCell::default(),
        }
    }

    pub fn number(&self) -> Rc<Layout> {
        Rc::clone(&self.number)
    }

    pub fn percent(&self) -> Rc<Layout> {
        let mut percent = self.percent.borrow_mut();
        Rc::clone(percent.get_or_insert_with(|| Rc::new(percent_layout(&self.locale))))
    }

    /// How amounts of a currency are laid out.
    pub fn money(&self, currency: &str) -> Rc<Layout> {
        let mut money = self.money.borrow_mut();
        if let Some((_, layout)) = money.iter().find(|(other, _)| **other == *currency) {
            return Rc::clone(layout);
        }
        if money.len() >= MOST {
            money.clear();
        }
        let layout = match money_layout(&self.locale, currency) {
            // A currency that ICU shows without minor units may have them in ISO 4217.
            Some(layout) => layout.or_separator_of(money_layout(&self.locale, "EUR")),
            None => Layout::plain(&format!("\u{a0}{currency}")),
        };
        let layout = Rc::new(layout);
        money.push((Box::from(currency), Rc::clone(&layout)));
        layout
    }

    pub fn plurals(&self) -> Option<Rc<PluralRules>> {
        let mut plurals = self.plurals.borrow_mut();
        if plurals.is_none() {
            let rules =
                PluralRules::try_new((&self.locale).into(), icu_plurals::PluralRulesOptions::default()).ok();
            *plurals = rules.map(Rc::new);
        }
        plurals.clone()
    }

    pub fn moments(&self, style: Style) -> Option<Rc<MomentFormatter>> {
        let mut moments = self.moments.borrow_mut();
        if let Some((_, formatter)) = moments.iter().find(|(other, _)| *other == style) {
            return Some(Rc::clone(formatter));
        }
        let formatter = Rc::new(MomentFormatter::new(&self.locale, style)?);
        moments.push((style, Rc::clone(&formatter)));
        Some(formatter)
    }
}

fn number_layout(locale: &Locale) -> Layout {
    let formatter =
        DecimalFormatter::try_new(locale.into(), icu_decimal::options::DecimalFormatterOptions::default());
    let layout = formatter.ok().and_then(|formatter| {
        Layout::learn(|sample| Some(formatter.format(&sample.parse().ok()?).to_string()))
    });
    layout.unwrap_or_else(|| Layout::plain(""))
}

fn percent_layout(locale: &Locale) -> Layout {
    let formatter = PercentFormatter::try_new(locale.into(), PercentFormatterOptions::default());
    let layout = formatter.ok().and_then(|formatter| {
        Layout::learn(|sample| Some(formatter.format(&sample.parse().ok()?).to_string()))
    });
    layout.unwrap_or_else(|| Layout::plain("%"))
}

fn money_layout(locale: &Locale, currency: &str) -> Option<Layout> {
    let currency = CurrencyType::try_from_str(currency).ok()?;
    let formatter =
        CurrencyFormatter::try_new_symbol(locale.into(), currency, CurrencyFormatterOptions::default())
            .ok()?;
    Layout::learn(|sample| Some(formatter.format_fixed_decimal(&sample.parse().ok()?).to_string()))
}
