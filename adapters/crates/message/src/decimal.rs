use alloc::string::String;

/// Returns `number` in decimal. `core::fmt` would add some kilobytes to a part.
pub fn decimal(number: u64) -> String {
    let mut text = String::new();
    push_decimal(&mut text, number);
    text
}

/// Appends `number` in decimal.
pub fn push_decimal(text: &mut String, number: u64) {
    if number > 9 {
        push_decimal(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// Reads a decimal number. Returns `None` for other texts and for numbers above `u64::MAX`.
pub fn parse_decimal(text: &str) -> Option<u64> {
    let number = text.bytes().try_fold(0u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    });
    number.filter(|_| !text.is_empty())
}
