//! Names of columns with customers in common exports: letters and digits only, in lower case, the most telling first.

/// Of whoever ordered.
pub(crate) const CUSTOMER: &[&str] = &[
    // WooCommerce gives all guests the customer number 0.
    "billingemail",
    "customerid",
    "customer",
    "custid",
    "customerno",
    "customernumber",
    "customerkey",
    "customeruser",
    "clientid",
    "client",
    "userid",
    "user",
    "memberid",
    "buyerid",
    "buyer",
    "accountid",
    "householdid",
    "customeremail",
    "buyeremail",
    "email",
    "emailaddress",
];

/// Beside a number of the customer.
pub(crate) const EMAIL: &[&str] =
    &["billingemail", "customeremail", "buyeremail", "useremail", "contactemail", "email", "emailaddress"];

/// The columns that may have the customer, in a table with a row for each of them: those named like one in orders, without e-mail addresses
/// where there is something else, and without any the column `id`.
pub(crate) fn customer_columns(header: &[String]) -> Vec<usize> {
    let named = |known: &[&str]| -> Vec<usize> {
        (0..header.len()).filter(|&i| known.contains(&plain(&header[i]).as_str())).collect()
    };
    let is_email = |column: &usize| EMAIL.contains(&plain(&header[*column]).as_str());
    let (emails, others): (Vec<usize>, Vec<usize>) = named(CUSTOMER).into_iter().partition(is_email);
    let several = [others, emails, named(&["id"])];
    several.into_iter().find(|columns| !columns.is_empty()).unwrap_or_default()
}

/// A column's name without case, blanks and punctuation.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_of_the_customer_is_found_by_its_name() {
        let found = |header: &[&str]| {
            let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
            customer_columns(&header)
        };
        assert_eq!(found(&["age", "Customer ID"]), [1]);
        assert_eq!(found(&["email", "user-id", "id"]), [1]);
        assert_eq!(found(&["age", "E-Mail", "id"]), [1]);
        assert_eq!(found(&["ID", "age"]), [0]);
        assert_eq!(found(&["customer_id", "user_id"]), [0, 1]);
        assert_eq!(found(&["age", "name"]), [0; 0]);
    }
}
