"""What staff do with the catalog: one transaction, one audit row, one version each."""
