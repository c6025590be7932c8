"""Live qualification: TMF679 v4 productOfferingQualification and TMF645 v4 checkServiceQualification, as a client."""
