//! The day on which a record without a date is screened: today, where the user is.

use std::env;

use anyhow::anyhow;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Today in the time zone of `TZ`, or of the system where that is not set; UTC where neither says one, as everywhere.
///
/// # Errors
/// `TZ` names no time zone. The usual UTC in its place would be another day for hours.
pub fn today() -> anyhow::Result<Date> {
    let named = env::var_os("TZ").filter(|name| !name.is_empty());
    match (TimeZone::try_system(), named) {
        (Ok(zone), _) => Ok(Timestamp::now().to_zoned(zone).date()),
        (Err(_), None) => Ok(Zoned::now().date()),
        (Err(_), Some(name)) => Err(anyhow!(
            "`TZ` is `{}`, which is not a time zone, so it is not known which day it is; \
             set it to one such as `Europe/Berlin` or `UTC`, or unset it",
            name.to_string_lossy()
        )),
    }
}
