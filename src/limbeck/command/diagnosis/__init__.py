"""What `limbeck doctor` looks at: settings, the history, the text of the files, the database. Each gives findings."""
