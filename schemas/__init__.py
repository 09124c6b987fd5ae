"""The requests and answers of both workers for those who call them: JSON schema, and TypeScript made from it."""
