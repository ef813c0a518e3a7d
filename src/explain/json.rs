//! x
/// x
/// # Errors
/// x
pub fn render(_: &super::Explanation, _: &str) -> serde_json::Result<String> { Ok(String::new()) }
