//! The page: what it holds, how it is made from orders and models, and its HTML.

pub(super) mod amounts;
pub(super) mod build;
pub(super) mod contents;
pub(super) mod html;
pub(super) mod json_in_html;
pub(super) mod security_policy;
pub(super) mod template_data;
pub(super) mod visible;
